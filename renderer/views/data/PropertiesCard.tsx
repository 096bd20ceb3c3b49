import { useState, type ReactElement } from 'react';
import type { SourceInfo, Vocabulary } from '../../../protocol/index.ts';
import { formatCount, formatShare, formatUnits } from '../../widgets/format.ts';
import { Card } from '../../widgets/layout.tsx';
import { SkeletonRows } from '../../widgets/states.tsx';
import { usePropertyValues } from '../editors/use-property-values.ts';
import { PlainTable } from '../parts/PlainTable.tsx';
import classes from './data.module.css';

/** What events carry, and the most frequent values of one property. */
export function PropertiesCard({
  source,
  vocabulary,
}: {
  readonly source: SourceInfo;
  readonly vocabulary: Vocabulary | null;
}): ReactElement {
  const [chosen, setChosen] = useState<string | null>(null);
  const properties = vocabulary?.properties ?? [];
  const property = chosen ?? properties[0]?.name ?? null;
  return (
    <Card title={`Properties: ${properties.length}`}>
      {property === null ? (
        <p className={classes.muted}>Events of this source carry no properties.</p>
      ) : (
        <div className={classes.split}>
          <PlainTable
            label="Properties"
            rows={properties}
            keyOf={(row) => row.name}
            onRow={(row) => setChosen(row.name)}
            columns={[
              {
                title: 'Property',
                cell: (row) => (
                  <span data-chosen={row.name === property || undefined} className={classes.property}>
                    {row.name}
                  </span>
                ),
              },
              { title: 'On events', numeric: true, cell: (row) => formatCount(row.count) },
              { title: 'Share', numeric: true, cell: (row) => formatShare(row.count / source.events) },
            ]}
          />
          <Values property={property} />
        </div>
      )}
    </Card>
  );
}

function Values({ property }: { readonly property: string }): ReactElement {
  const { values, error } = usePropertyValues(property);
  if (error !== null) return <p className={classes.muted}>{`${error.message} ${error.hint}`}</p>;
  if (values === null) return <SkeletonRows rows={8} />;
  const most = values.values[0]?.count ?? 1;
  return (
    <div className={classes.values}>
      <p
        className={classes.muted}
      >{`${property}: ${formatUnits(values.distinct, 'value')}${values.distinct > values.values.length ? `, the ${values.values.length} most frequent` : ''}`}</p>
      <PlainTable
        label={`Values of ${property}`}
        rows={values.values}
        keyOf={(row) => row.value}
        columns={[
          { title: 'Value', cell: (row) => row.value },
          { title: 'Events', numeric: true, width: 88, cell: (row) => formatCount(row.count) },
          {
            title: '',
            width: 96,
            cell: (row) => <span className={classes.bar} style={{ width: `${(row.count / most) * 100}%` }} />,
          },
        ]}
      />
    </div>
  );
}
