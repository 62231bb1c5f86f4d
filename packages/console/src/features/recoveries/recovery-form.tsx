import type { Recovery, RecoveryPlan } from '@cpm/contract';
import type { UseFormReturnType } from '@mantine/form';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef, type ReactNode } from 'react';
import { fieldProblems, FormFrame, showFieldProblems, type FieldProblem } from '../../ui/form.tsx';
import { ButtonLink } from '../../ui/links.tsx';
import { focusField } from './form-parts.ts';
import { PlanReview } from './plan-review.tsx';
import classes from './plan-review.module.css';
import { StartRecovery } from './start-recovery.tsx';
import { isOf, useRecoveryStages } from './use-recovery-stages.ts';

type RecoveryFormProps<Values extends Record<string, unknown>, Body extends object> = {
  /** Names the form for those who cannot see it. */
  readonly label: string;
  readonly backupId: string;
  readonly form: UseFormReturnType<Values>;
  readonly body: Body;
  readonly calls: {
    readonly plan: (body: Body) => Promise<RecoveryPlan>;
    readonly start: (body: Body, idempotencyKey: string) => Promise<Recovery>;
    /** Below `/api/v1`. */
    readonly path: string;
  };
  /** The field of the form that a field of the request is in. */
  readonly asInForm: (path: string) => string;
  readonly fieldNames: (path: string) => string;
  readonly startLabel: string;
  readonly typedName: string;
  readonly children: ReactNode;
};

/** A recovery in two stages: the form and its check, then what the check found and the button that starts it. */
export function RecoveryForm<Values extends Record<string, unknown>, Body extends object>(
  props: RecoveryFormProps<Values, Body>,
) {
  const { form, body, calls, asInForm } = props;
  const navigate = useNavigate();
  const showProblems = (problems: readonly FieldProblem[]) =>
    showFieldProblems(
      form.setErrors,
      problems.map(({ path, message }) => ({ path: asInForm(path), message })),
    );
  const { checked, check, recover } = useRecoveryStages<Body, Recovery>({
    plan: calls.plan,
    start: calls.start,
    onPlanned: ({ checks }) =>
      showProblems(checks.flatMap(({ findings }) => findings.filter(({ result }) => result === 'fail'))),
    onStarted: ({ id }) => navigate({ to: '/recoveries/$recoveryId', params: { recoveryId: id } }),
  });
  const isCurrent = isOf(checked, body);
  const review = useFocusOnReview(isCurrent && checked?.plan.canStart === true ? checked.plan : null);
  return (
    <>
      <FormFrame
        label={props.label}
        submitLabel={checked === null ? 'Check' : 'Check again'}
        error={check.error ?? recover.error}
        errors={form.errors}
        fieldNames={props.fieldNames}
        isBusy={check.isPending}
        onSubmit={form.onSubmit(() => check.mutate(body, { onError: (error) => showProblems(fieldProblems(error)) }))}
        cancel={
          <ButtonLink to="/backups/$backupId/recover" params={{ backupId: props.backupId }} variant="default">
            Cancel
          </ButtonLink>
        }
      >
        {props.children}
      </FormFrame>
      <section ref={review} tabIndex={-1} className={classes.stage} aria-live="polite" aria-label="Plan">
        {checked !== null && !isCurrent && (
          <p className={classes.count}>The form has changed since it was checked: check it again.</p>
        )}
        {checked !== null && isCurrent && (
          <>
            <PlanReview
              plan={checked.plan}
              onField={(path) => focusField(form.getInputNode(asInForm(path)))}
              apiCall={{ path: calls.path, body }}
            />
            <StartRecovery
              plans={[checked.plan]}
              label={props.startLabel}
              typedName={props.typedName}
              isBusy={recover.isPending}
              error={recover.error}
              onStart={() => recover.mutate(checked, { onError: (error) => showProblems(fieldProblems(error)) })}
            />
          </>
        )}
      </section>
    </>
  );
}

/** Brings the person to what was found, once for each check that passed; what failed is told at the top of the form. */
function useFocusOnReview(passed: object | null) {
  const section = useRef<HTMLElement>(null);
  const seen = useRef<object | null>(null);
  useEffect(() => {
    if (passed === null || seen.current === passed) return;
    seen.current = passed;
    section.current?.focus({ preventScroll: true });
    section.current?.scrollIntoView({ block: 'start' });
  });
  return section;
}
