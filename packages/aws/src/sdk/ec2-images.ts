import type * as aws from '@aws-sdk/client-ec2';
import type { Ec2Images, Image, RegisterImageInput } from '../port/ec2-images.ts';
import { goneIfMissing, type Ec2Calls } from './service-calls.ts';
import { toEbsBlockDevice, toImage } from './image-shapes.ts';
import { literal, PAGE_SIZE, readAllPages, readByFilter } from './pages.ts';
import { orLeftOut, tagSpecifications } from './shapes.ts';

export function ec2Images({ read, repeatable, once }: Ec2Calls): Ec2Images {
  const listPage = (input: aws.DescribeImagesCommandInput) =>
    read('DescribeImages', (ec2, sdk) => ec2.send(new sdk.DescribeImagesCommand({ MaxResults: PAGE_SIZE, ...input })));
  const list = (input: aws.DescribeImagesCommandInput) =>
    readAllPages(
      (NextToken) => listPage({ ...input, NextToken }),
      (page) => (page.Images ?? []).map(toImage),
    );
  return {
    describeImages: (imageIds) => readByFilter(imageIds, (Values) => list({ Filters: [{ Name: 'image-id', Values }] })),
    searchImages: async ({ owners, names, ...narrow }, most) => {
      const filters: aws.Filter[] = [
        { Name: 'state', Values: ['available'] },
        ...filterOf('name', names),
        ...filterOf('architecture', [narrow.architecture]),
        ...filterOf('virtualization-type', [narrow.virtualizationType]),
        ...filterOf('root-device-type', [narrow.rootDeviceType]),
      ];
      const Owners = owners.length === 0 ? undefined : [...owners];
      return readSomePages((input) => listPage({ ...input, Owners, Filters: filters, IncludeDeprecated: true }), most);
    },
    findImageByName: async (name) => {
      const found = await list({ Owners: ['self'], Filters: [{ Name: 'name', Values: [literal(name)] }] });
      return found.find((image) => image.name === name) ?? null;
    },
    registerImage: async (input) => {
      const output = await once('RegisterImage', (ec2, sdk) =>
        ec2.send(new sdk.RegisterImageCommand(toRegisterImage(input))),
      );
      return output.ImageId ?? '';
    },
    deregisterImage: (ImageId) =>
      goneIfMissing(
        // DeleteAssociatedSnapshots is never sent: those snapshots are the backup.
        repeatable('DeregisterImage', (ec2, sdk) => ec2.send(new sdk.DeregisterImageCommand({ ImageId }))),
        'deregistered' as const,
      ),
  };
}

function filterOf(Name: string, values: readonly (string | null)[]): aws.Filter[] {
  const Values = values.filter((value) => value !== null);
  return Values.length === 0 ? [] : [{ Name, Values }];
}

/** The first pages, until there are enough rows: a wide search has tens of thousands. */
async function readSomePages(
  readPage: (input: aws.DescribeImagesCommandInput) => Promise<aws.DescribeImagesCommandOutput>,
  most: number,
): Promise<readonly Image[]> {
  const images: Image[] = [];
  let NextToken: string | undefined;
  do {
    const page = await readPage({ NextToken, MaxResults: Math.min(PAGE_SIZE, most) });
    images.push(...(page.Images ?? []).map(toImage));
    NextToken = page.NextToken === '' ? undefined : page.NextToken;
  } while (NextToken !== undefined && images.length < most);
  return images.slice(0, most);
}

/** The parameters of RegisterImage. */
export function toRegisterImage(input: RegisterImageInput): aws.RegisterImageCommandInput {
  return {
    Name: input.name,
    Description: input.description,
    Architecture: input.architecture as aws.ArchitectureValues,
    VirtualizationType: input.virtualizationType,
    RootDeviceName: input.rootDeviceName,
    BlockDeviceMappings: input.blockDevices.map((device) => ({
      DeviceName: device.deviceName,
      Ebs: toEbsBlockDevice(device),
    })),
    EnaSupport: input.enaSupport,
    SriovNetSupport: orLeftOut(input.sriovNetSupport),
    BootMode: orLeftOut(input.bootMode) as aws.BootModeValues | undefined,
    TpmSupport: orLeftOut(input.tpmSupport) as aws.TpmSupportValues | undefined,
    UefiData: orLeftOut(input.uefiDataBase64),
    ImdsSupport: orLeftOut(input.imdsSupport) as aws.ImdsSupportValues | undefined,
    KernelId: orLeftOut(input.kernelId),
    RamdiskId: orLeftOut(input.ramdiskId),
    TagSpecifications: tagSpecifications('image', input.tags),
  };
}
