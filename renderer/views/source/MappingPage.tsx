import { Button } from '@mantine/core';
import { ArrowLeft } from 'lucide-react';
import { useState, type ReactElement } from 'react';
import { openSource } from '../../stores/files.ts';
import { useSession, type MappingTask } from '../../stores/session.ts';
import { getRefName } from '../../../protocol/index.ts';
import { formatBytes } from '../../widgets/format.ts';
import { notifyError } from '../frame/run-command.ts';
import { CandidateList } from './CandidateList.tsx';
import { fieldOfPath, firstDraft, getMissing, toDraft, toMapping, type DraftField } from './mapping-draft.ts';
import { MappingForm } from './MappingForm.tsx';
import classes from './MappingPage.module.css';
import { PreviewPane } from './PreviewPane.tsx';
import { useMappingPreview } from './use-mapping-preview.ts';

/** How a database of unknown shape is to be read: proposals, every field, and what it would give. */
export function MappingPage({ task }: { readonly task: MappingTask }): ReactElement {
  const { inspection, ref } = task;
  const [draft, setDraft] = useState(() => firstDraft(inspection, ref.mapping));
  const [tried, setTried] = useState(false);
  const isOpening = useSession((s) => s.phase === 'opening');
  const openError = useSession((s) => s.error);
  const missing = getMissing(draft);
  const isWhole = Object.keys(missing).length === 0;
  const mapping = isWhole ? toMapping(draft) : null;
  const preview = useMappingPreview(ref, mapping);
  const error = preview.error ?? openError;
  const errors: Partial<Record<DraftField, string>> = tried ? { ...missing } : {};
  const field = fieldOfPath(error?.path);
  if (error !== null && field !== null && mapping !== null) errors[field] = `${error.message} ${error.hint}`;

  const open = (): void => {
    setTried(true);
    if (mapping !== null) void openSource({ ...ref, mapping }).catch(notifyError);
  };
  return (
    <main className={classes.page}>
      <header className={classes.head}>
        <Button
          variant="subtle"
          color="gray"
          leftSection={<ArrowLeft size={14} />}
          onClick={() => useSession.getState().leaveMapping()}
        >
          Back
        </Button>
        <div className={classes.titles}>
          <h1 className={classes.title}>How to read {getRefName(ref)}</h1>
          <p className={classes.muted}>
            {ref.kind === 'sqlite' && `${formatBytes(inspection.sizeBytes)}, `}
            {inspection.tables.length} tables and views. The {ref.kind === 'sqlite' ? 'file' : 'server'} is only read.
          </p>
        </div>
        <Button variant="filled" loading={isOpening} disabled={!isWhole || preview.error !== null} onClick={open}>
          Open with this mapping
        </Button>
      </header>
      <div className={classes.columns}>
        <section className={classes.column} aria-label="Proposals">
          <CandidateList
            inspection={inspection}
            current={mapping}
            onChoose={(candidate) => setDraft(toDraft(candidate.mapping))}
          />
        </section>
        <section className={classes.column} aria-label="Mapping">
          <MappingForm draft={draft} tables={inspection.tables} errors={errors} onChange={setDraft} />
        </section>
        <section className={classes.column} aria-label="What would be read">
          <PreviewPane preview={preview} error={field === null ? error : null} isWhole={isWhole} />
        </section>
      </div>
    </main>
  );
}
