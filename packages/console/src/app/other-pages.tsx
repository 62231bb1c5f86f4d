import { IconMapOff } from '@tabler/icons-react';
import { useRouter, type ErrorComponentProps } from '@tanstack/react-router';
import { EmptyState } from '../ui/empty-state.tsx';
import { ButtonLink } from '../ui/links.tsx';
import { Page, Panel } from '../ui/page.tsx';
import { ProblemNotice } from '../ui/problem-notice.tsx';
import { isNotFound } from './api.ts';
import classes from './other-pages.module.css';

/** No page has this address; or the thing is gone, or belongs to another user. */
export function NotFoundPage() {
  return (
    <div className={classes.page}>
      <Page title="Not found">
        <Panel>
          <EmptyState
            Sign={IconMapOff}
            title="There is nothing at this address"
            action={<ButtonLink to="/backups">To the Backup Monitor</ButtonLink>}
          >
            It may have been deleted, or it belongs to another user.
          </EmptyState>
        </Panel>
      </Page>
    </div>
  );
}

/** The same where there is no frame around it: nobody may be signed in. */
export function LostPage() {
  return (
    <main>
      <NotFoundPage />
    </main>
  );
}

/** A page that could not be loaded; offers to try again. */
export function BrokenPage({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  const retry = () => {
    reset();
    void router.invalidate();
  };
  return (
    <div className={classes.page}>
      <Page title="This page could not be loaded">
        <ProblemNotice error={error instanceof Error ? error : new Error(String(error))} onRetry={retry} />
      </Page>
    </div>
  );
}

/** What a page shows of a read that failed: the honest 404, or the error with a retry. */
export function ReadProblem({ error, onRetry }: { readonly error: Error; readonly onRetry: () => void }) {
  return isNotFound(error) ? <NotFoundPage /> : <ProblemNotice error={error} onRetry={onRetry} />;
}

/** The same where there is no frame around it. */
export function BrokenConsole(props: ErrorComponentProps) {
  return (
    <main>
      <BrokenPage {...props} />
    </main>
  );
}
