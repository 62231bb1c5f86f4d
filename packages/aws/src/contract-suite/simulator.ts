import { startSimulator, type Estate } from '@cpm/simulator';
import type { BackEnd, Faults } from './back-end.ts';

const REGION = 'us-east-1';
const OTHER_REGION = 'eu-west-1';
const ACCOUNT_ID = '111122223333';
const OWNER = { accessKeyId: 'AKIASUITEOWNER000001', secretAccessKey: 'secret-of-the-owner-of-the-suite-0000001' };
const WATCHER = { accessKeyId: 'AKIASUITEWATCHER0001', secretAccessKey: 'secret-of-the-watcher-of-the-suite-00001' };

const MANAGED_INSTANCE_ID = 'i-0a0a0a0a0a0a0a0a0';

const ESTATE: Estate = {
  name: 'contract suite',
  regions: [REGION, OTHER_REGION],
  accounts: [
    {
      id: ACCOUNT_ID,
      accessKeys: [
        { ...OWNER, user: 'owner' },
        { ...WATCHER, user: 'watcher' },
      ],
      users: [
        { name: 'owner', attachedPolicies: ['arn:aws:iam::aws:policy/AdministratorAccess'] },
        {
          name: 'watcher',
          policies: {
            watch: {
              Version: '2012-10-17',
              Statement: [{ Effect: 'Allow', Action: 'ec2:Describe*', Resource: '*' }],
            },
          },
        },
      ],
      regions: {
        [REGION]: { instances: [{ id: MANAGED_INSTANCE_ID, image: 'al2023', type: 't3.micro', managed: true }] },
        [OTHER_REGION]: { volumes: Array.from({ length: 2100 }, () => ({ sizeGiB: 1, zone: 'a' })) },
      },
    },
  ],
};

/** The simulator on a free port, with a clock that only the suite moves. */
export async function simulatorBackEnd(): Promise<BackEnd> {
  const { url, stop } = await startSimulator({ estate: ESTATE, clock: 'manual' });
  const control = async (method: string, path: string, body?: object): Promise<unknown> => {
    const response = await fetch(`${url}/_simulator/${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`the simulator refused ${path}: ${await response.text()}`);
    return response.json();
  };
  return {
    name: 'simulator',
    url,
    region: REGION,
    otherRegion: OTHER_REGION,
    owner: OWNER,
    accountId: ACCOUNT_ID,
    watcher: WATCHER,
    managedInstanceId: MANAGED_INSTANCE_ID,
    settle: async (seconds) => void (await control('POST', 'clock', { advanceSeconds: seconds })),
    patienceMs: 30_000,
    faults: simulatorFaults(control),
    stop,
  };
}

type Control = (method: string, path: string, body?: object) => Promise<unknown>;
type Tally = { readonly byAction: Readonly<Record<string, { readonly codes: Readonly<Record<string, number>> }>> };

function simulatorFaults(control: Control): Faults {
  return {
    set: async (rule) => void (await control('POST', 'faults', rule)),
    clear: async () => {
      await control('DELETE', 'faults');
      await control('POST', 'settings', { consistencyMs: 0 });
    },
    hideFreshIds: async (ms) => void (await control('POST', 'settings', { consistencyMs: ms })),
    answersTo: async (action) => {
      const { byAction } = (await control('GET', `calls?action=${action}&list=no`)) as Tally;
      await control('DELETE', 'calls');
      return Object.values(byAction)[0]?.codes ?? {};
    },
  };
}
