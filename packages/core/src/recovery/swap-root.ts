/** How a volume stands to one instance; `gone` also where it failed or another instance has it. */
export type SwapVolume = 'making' | 'free' | 'attaching' | 'attached' | 'detaching' | 'gone';

export type SwapScene = {
  /** The state of the instance as EC2 calls it; null where it does not show it. */
  readonly instance: string | null;
  /** The volume that shall be its root, and the one that was. */
  readonly wanted: SwapVolume;
  readonly other: SwapVolume;
  /** Whether it shall run with the wanted one, or is left as it is once that is in. */
  readonly shallRun: boolean;
};

export type SwapMove = 'stop' | 'detach' | 'attach' | 'start' | 'wait' | 'done' | 'no instance' | 'no volume';

/**
 * The next thing to do so that an instance gets another root volume, read from what AWS shows alone: whoever was interrupted
 * goes on from there. A root volume leaves and enters a stopped instance only (EC2 User Guide, "Detach a volume").
 */
export function nextSwapMove({ instance, wanted, other, shallRun }: SwapScene): SwapMove {
  if (instance === null || instance === 'terminated' || instance === 'shutting-down') return 'no instance';
  const isMoving = instance === 'pending' || instance === 'stopping';
  if (wanted === 'attached') {
    if (instance === 'running' || (!shallRun && instance === 'stopped')) return 'done';
    return isMoving ? 'wait' : 'start';
  }
  if (wanted === 'gone') return 'no volume';
  if (instance === 'running') return 'stop';
  if (isMoving || wanted !== 'free') return 'wait';
  if (other === 'attached') return 'detach';
  return other === 'attaching' || other === 'detaching' ? 'wait' : 'attach';
}
