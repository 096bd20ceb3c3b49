import { Component, type ReactNode } from 'react';
import { toErrorData, type ErrorData } from '../../protocol/index.ts';
import { ErrorPanel } from './states.tsx';

interface Props {
  /** What failed, e.g. `The flow view`. */
  readonly what: string;
  /** When it changes, the children get another chance. */
  readonly resetKey?: unknown;
  readonly children: ReactNode;
}
interface State {
  readonly error: ErrorData | null;
  readonly resetKey: unknown;
}

/** A failure inside stays inside: the rest of the window keeps working. */
export class ErrorBoundary extends Component<Props, State> {
  override state: State = { error: null, resetKey: this.props.resetKey };
  static getDerivedStateFromError(thrown: unknown): Partial<State> {
    return { error: toErrorData(thrown) };
  }
  static getDerivedStateFromProps(props: Props, state: State): Partial<State> | null {
    return props.resetKey === state.resetKey ? null : { error: null, resetKey: props.resetKey };
  }
  override render(): ReactNode {
    const { error } = this.state;
    if (error === null) return this.props.children;
    return (
      <ErrorPanel
        title={`${this.props.what} could not be shown`}
        error={error}
        onRetry={() => this.setState({ error: null })}
      />
    );
  }
}
