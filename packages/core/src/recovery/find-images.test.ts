import { describe, expect, it } from 'vitest';
import { kinPattern, nameFamily, rankImages, type ImageCandidate } from './find-images.ts';

const NAME = 'al2023-ami-2023.9.20251110.1-kernel-6.1-x86_64';
const RECORDED = {
  name: NAME,
  description: 'Amazon Linux',
  ownerId: '137112412989',
  ownerAlias: 'amazon',
  createdAt: '2025-11-10T00:00:00.000Z',
  architecture: 'x86_64',
  virtualizationType: 'hvm',
  rootDeviceName: '/dev/xvda',
  rootDeviceType: 'ebs',
  platformDetails: 'Linux/UNIX',
  usageOperation: 'RunInstances',
  bootMode: 'uefi-preferred',
  isEnaSupported: true,
  kernelId: null,
  ramdiskId: null,
};
const candidate = (imageId: string, parts: Partial<ImageCandidate> = {}): ImageCandidate => ({
  ...RECORDED,
  imageId,
  ...parts,
});

describe('the family of an image', () => {
  it.each([
    [NAME, 'al2023-ami-*-kernel-6.1-x86_64'],
    ['amzn2-ami-kernel-5.10-hvm-2.0.20251105.0-x86_64-gp2', 'amzn2-ami-kernel-5.10-hvm-*-x86_64-gp2'],
    [
      'ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-20251022',
      'ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-*',
    ],
    ['Windows_Server-2022-English-Full-Base-2025.11.12', 'Windows_Server-2022-English-Full-Base-*'],
    ['RHEL-9.4.0_HVM-20240605-x86_64-82-Hourly2-GP3', 'RHEL-*_HVM-*-x86_64-82-Hourly2-GP3'],
    ['debian-12-amd64-20240717-1811', 'debian-12-amd64-*'],
    ['suse-sles-15-sp5-v20240129-hvm-ssd-x86_64', 'suse-sles-15-sp5-v*-hvm-ssd-x86_64'],
    ['our golden image', 'our golden image'],
  ])('%s is %s', (name, family) => {
    expect(nameFamily(name)).toBe(family);
  });

  it.each([
    [NAME, '*al2023-ami*'],
    ['ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-20251022', '*ubuntu-noble*'],
    ['Windows_Server-2022-English-Full-Base-2025.11.12', '*Windows_Server*'],
    ['RHEL-9.4.0_HVM-20240605-x86_64-82-Hourly2-GP3', '*RHEL*'],
    ['2024', '*2024*'],
  ])('the kin of %s are found by %s', (name, pattern) => {
    expect(kinPattern(name)).toBe(pattern);
  });
});

describe('images are ranked by their likeness', () => {
  const same = candidate('ami-same');
  const newer = candidate('ami-newer', {
    name: 'al2023-ami-2023.9.20251208.0-kernel-6.1-x86_64',
    createdAt: '2025-12-08T00:00:00.000Z',
  });
  const older = candidate('ami-older', {
    name: 'al2023-ami-2023.8.20250915.0-kernel-6.1-x86_64',
    createdAt: '2025-09-15T00:00:00.000Z',
  });
  const minimal = candidate('ami-minimal', { name: 'al2023-ami-minimal-2023.9.20251110.1-kernel-6.1-x86_64' });
  const foreign = candidate('ami-foreign', { ownerId: '679593333241', ownerAlias: 'aws-marketplace' });
  const arm = candidate('ami-arm', { name: NAME.replace('x86_64', 'arm64'), architecture: 'arm64', bootMode: 'uefi' });
  const windows = candidate('ami-windows', {
    name: 'Windows_Server-2022-English-Full-Base-2025.11.12',
    ownerId: '801119661308',
    platformDetails: 'Windows',
    bootMode: null,
    rootDeviceName: '/dev/sda1',
  });
  const all = [windows, arm, older, foreign, minimal, newer, same];

  it('exact: the very same first, then its versions, the youngest first; nobody else', () => {
    const found = rankImages(RECORDED, all, 'exact');
    expect(found.map(({ image, likenessPercent }) => [image.imageId, likenessPercent])).toEqual([
      ['ami-same', 100],
      ['ami-newer', 97],
      ['ami-older', 97],
    ]);
    expect(found.map(({ differences }) => differences.map(({ field }) => field))).toEqual([[], ['name'], ['name']]);
  });

  it('similar: kin and look-alikes come after the versions, each with what differs; another system does not', () => {
    const found = rankImages(RECORDED, all, 'similar');
    expect(found.map(({ image }) => image.imageId)).toEqual([
      'ami-same',
      'ami-newer',
      'ami-older',
      'ami-minimal',
      'ami-foreign',
      'ami-arm',
    ]);
    expect(found.find(({ image }) => image === foreign)?.differences).toEqual([
      { field: 'ownerId', original: '137112412989', found: '679593333241' },
    ]);
    expect(found.find(({ image }) => image === arm)?.differences.map(({ field }) => field)).toEqual([
      'name',
      'architecture',
      'bootMode',
    ]);
  });

  it.each<[string, Partial<ImageCandidate>]>([
    ['owner', { ownerId: '1' }],
    ['architecture', { architecture: 'i386' }],
    ['virtualization', { virtualizationType: 'paravirtual' }],
    ['root device type', { rootDeviceType: 'instance-store' }],
    ['boot mode', { bootMode: null }],
    ['platform', { platformDetails: 'SUSE Linux' }],
    ['network driver', { isEnaSupported: false }],
  ])('another %s is not exact', (_, parts) => {
    expect(rankImages(RECORDED, [candidate('ami-other', parts)], 'exact')).toEqual([]);
    expect(rankImages(RECORDED, [candidate('ami-other', parts)], 'similar')[0]?.likenessPercent).toBeLessThan(100);
  });

  it('one that two searches found is told once', () => {
    expect(rankImages(RECORDED, [same, same], 'exact')).toHaveLength(1);
  });
});
