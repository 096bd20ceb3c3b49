import type { ReactElement, ReactNode } from 'react';
import { AnswerState, type AnswerLike } from '../../widgets/states.tsx';
import { SemanticsLine } from '../editors/SemanticsLine.tsx';
import type { AnswerEnvelope } from '../../../protocol/index.ts';
import classes from './parts.module.css';

export interface AnalysisBodyProps<R extends AnswerEnvelope> {
  readonly answer: AnswerLike<R>;
  readonly errorTitle: string;
  readonly isEmpty: (result: R) => boolean;
  readonly empty: ReactNode;
  readonly children: (result: R) => ReactNode;
}

/** The stated rules, then the answer in whatever state it is, in a panel of constant size. */
export function AnalysisBody<R extends AnswerEnvelope>({
  answer,
  errorTitle,
  isEmpty,
  empty,
  children,
}: AnalysisBodyProps<R>): ReactElement {
  return (
    <div className={classes.analysis}>
      <SemanticsLine answer={answer.result} />
      <div className={classes.panel}>
        <AnswerState answer={answer} errorTitle={errorTitle} isEmpty={isEmpty} empty={empty}>
          {children}
        </AnswerState>
      </div>
    </div>
  );
}
