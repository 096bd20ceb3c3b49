import { Button, Skeleton } from '@mantine/core';
import { useClipboard } from '@mantine/hooks';
import { CircleAlert, Copy, RotateCw } from 'lucide-react';
import { useDeferredValue, type ReactElement, type ReactNode } from 'react';
import type { ErrorData, PlannedPartitions, Progress } from '../../protocol/index.ts';
import { BudgetQuestion } from './BudgetQuestion.tsx';
import { ProgressPanel } from './progress.tsx';
import classes from './states.module.css';

export interface ErrorPanelProps {
  readonly error: ErrorData;
  /** What could not be done: `The funnel could not be computed`. */
  readonly title?: string | undefined;
  readonly onRetry?: (() => void) | undefined;
  readonly children?: ReactNode;
}

const detailsOf = (error: ErrorData): string =>
  [
    `${error.code}: ${error.message}`,
    `Hint: ${error.hint}`,
    ...(error.path === undefined ? [] : [`Path: ${error.path}`]),
    ...(error.details === undefined ? [] : [error.details]),
  ].join('\n');

/** What happened, why, what to do, the code, and everything for a bug report. */
export function ErrorPanel({ error, title, onRetry, children }: ErrorPanelProps): ReactElement {
  const clipboard = useClipboard({ timeout: 1500 });
  return (
    <div className={classes.message} role="alert">
      <CircleAlert className={classes.errorIcon} size={20} aria-hidden />
      <div className={classes.text}>
        {title !== undefined && <p className={classes.title}>{title}</p>}
        <p className={title === undefined ? classes.title : undefined}>{error.message}</p>
        <p className={classes.muted}>{error.hint}</p>
        <div className={classes.actions}>
          {onRetry !== undefined && (
            <Button leftSection={<RotateCw size={14} />} onClick={onRetry}>
              {error.code === 'E_NEEDS_CONFIRMATION' ? 'Run all the same' : 'Try again'}
            </Button>
          )}
          {children}
          <Button
            variant="subtle"
            color="gray"
            leftSection={<Copy size={14} />}
            onClick={() => clipboard.copy(detailsOf(error))}
          >
            {clipboard.copied ? 'Copied' : 'Copy details'}
          </Button>
          <code className={classes.code}>{error.code}</code>
        </div>
      </div>
    </div>
  );
}

/** One sentence and one action. */
export function EmptyState({
  icon,
  children,
  action,
}: {
  readonly icon?: ReactNode;
  readonly children: ReactNode;
  readonly action?: ReactNode;
}): ReactElement {
  return (
    <div className={classes.message}>
      {icon !== undefined && <span className={classes.emptyIcon}>{icon}</span>}
      <div className={classes.text}>
        <p>{children}</p>
        {action !== undefined && <div className={classes.actions}>{action}</div>}
      </div>
    </div>
  );
}

/** The part of `useAnswer` that the states need. */
export interface AnswerLike<R> {
  readonly status: 'idle' | 'loading' | 'ready' | 'error';
  readonly result: R | null;
  readonly stale: boolean;
  /** Which move of a hand it follows; 0 = none. */
  readonly move?: number;
  readonly progress: Progress | null;
  readonly error: ErrorData | null;
  /** With E_NEEDS_CONFIRMATION: what would be read; null = not known yet. */
  readonly planned?: PlannedPartitions | null;
  readonly retry: () => void;
  readonly cancel: () => void;
}

export interface AnswerStateProps<R> {
  readonly answer: AnswerLike<R>;
  /** Of the final size, so that nothing jumps; default: fills the space. */
  readonly skeleton?: ReactNode;
  /** True when the answer has nothing to draw. */
  readonly isEmpty?: ((result: R) => boolean) | undefined;
  readonly empty?: ReactNode;
  readonly errorTitle?: string | undefined;
  readonly children: (result: R) => ReactNode;
}

/**
 * Loading, error, empty, stale and ready of one answer. A stale answer stays visible, dimmed, until the new one is
 * there, also under an error.
 */
export function AnswerState<R>(props: AnswerStateProps<R>): ReactElement {
  const { answer } = props;
  // The first picture is made in slices between frames; those that follow a hand are drawn at once.
  const isFirst = !useDeferredValue(answer.result !== null);
  const result = isFirst ? null : answer.result;
  return (
    <div className={classes.answer} aria-busy={answer.status === 'loading'} data-move={answer.move}>
      {answer.status === 'error' &&
        answer.error !== null &&
        (answer.error.code === 'E_NEEDS_CONFIRMATION' ? (
          <BudgetQuestion
            error={answer.error}
            planned={answer.planned ?? null}
            onYes={answer.retry}
            onNo={answer.cancel}
          />
        ) : (
          <ErrorPanel error={answer.error} title={props.errorTitle} onRetry={answer.retry} />
        ))}
      {result === null &&
        (answer.status === 'loading' || answer.result !== null) &&
        (props.skeleton ?? <Skeleton className={classes.fill} animate />)}
      {result === null && answer.status === 'idle' && (
        <EmptyState action={<Button onClick={answer.retry}>Run</Button>}>
          Nothing has been computed here yet.
        </EmptyState>
      )}
      {result !== null && (
        <div className={classes.result} data-stale={answer.stale || undefined}>
          {props.isEmpty?.(result) === true && !answer.stale
            ? (props.empty ?? <EmptyState>There is nothing to show.</EmptyState>)
            : props.children(result)}
        </div>
      )}
      {answer.progress !== null && (
        <div className={classes.overlay}>
          <ProgressPanel progress={answer.progress} onCancel={answer.cancel} />
        </div>
      )}
    </div>
  );
}

/** Skeleton of a list of rows of the given height. */
export function SkeletonRows({ rows, height = 28 }: { readonly rows: number; readonly height?: number }): ReactElement {
  return (
    <div aria-hidden>
      {Array.from({ length: rows }, (_, i) => (
        <div key={i} style={{ height, display: 'flex', alignItems: 'center' }}>
          <Skeleton height={10} width={`${60 + ((i * 37) % 35)}%`} />
        </div>
      ))}
    </div>
  );
}
