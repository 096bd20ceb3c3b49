import { Combobox, useCombobox } from '@mantine/core';
import { ChevronDown } from 'lucide-react';
import { useEffect, useMemo, useState, type ReactElement } from 'react';
import { formatCompact, formatNumber } from '../../widgets/format.ts';
import { searchOptions, type PickerOption } from './picker-options.ts';
import classes from './editors.module.css';

export interface PickerProps {
  /** For screen readers: `Event of step 2`. */
  readonly label: string;
  readonly value: string | null;
  readonly placeholder: string;
  readonly options: readonly PickerOption[];
  readonly onChange: (value: string) => void;
  /** What the counts are: `events`. */
  readonly unit?: string | undefined;
  /** Offers what is typed although it is not in the list. */
  readonly free?: boolean | undefined;
  /** Opens as soon as it is there: a row just added. */
  readonly opened?: boolean | undefined;
  /** Beside the list's end, e.g. `200 of 12,345 values`. */
  readonly note?: string | undefined;
  readonly busy?: boolean | undefined;
  /** Inside a popover: a list elsewhere on the page would count as a click outside of it. */
  readonly inPopover?: boolean | undefined;
}

/** One of many, found by typing; each with its count in the data. */
export function Picker(props: PickerProps): ReactElement {
  const { label, value, options, onChange } = props;
  const [search, setSearch] = useState('');
  const store = useCombobox({
    onDropdownOpen: () => {
      store.updateSelectedOptionIndex('active');
      store.focusSearchInput();
    },
    onDropdownClose: () => {
      store.resetSelectedOption();
      setSearch('');
    },
  });
  const { openDropdown } = store;
  // Not `defaultOpened`: that would not move the focus into the search field.
  useEffect(() => {
    if (props.opened === true) openDropdown();
    // oxlint-disable-next-line react/exhaustive-deps -- only when the row appears
  }, []);
  const found = useMemo(() => searchOptions(options, search), [options, search]);
  const chosen = options.find((option) => option.value === value);
  const pick = (picked: string): void => {
    onChange(picked);
    store.closeDropdown();
    store.focusTarget();
  };
  const free = props.free === true && search !== '' && !found.some((option) => option.value === search);
  return (
    <Combobox
      store={store}
      onOptionSubmit={pick}
      width="target"
      position="bottom-start"
      middlewares={{ flip: true, shift: true }}
      withinPortal={props.inPopover !== true}
    >
      <Combobox.Target targetType="button">
        <button
          type="button"
          className={classes.picker}
          aria-label={`${label}: ${chosen?.label ?? value ?? 'none'}`}
          title={chosen?.label ?? value ?? undefined}
          onClick={() => store.toggleDropdown()}
        >
          {chosen?.color !== undefined && <span className={classes.swatch} style={{ background: chosen.color }} />}
          <span className={value === null ? classes.placeholder : classes.pickerText}>
            {chosen?.label ?? value ?? props.placeholder}
          </span>
          <ChevronDown size={13} className={classes.chevron} aria-hidden />
        </button>
      </Combobox.Target>
      <Combobox.Dropdown className={classes.dropdown}>
        <Combobox.Search
          // A focus trap around it begins here, not at the button.
          data-autofocus={props.opened === true || undefined}
          value={search}
          onChange={(e) => {
            setSearch(e.currentTarget.value);
            store.selectFirstOption();
          }}
          placeholder="Search"
          aria-label={`Search: ${label}`}
        />
        <Combobox.Options mah={260} className={classes.options}>
          {found.map((option) => (
            <PickerRow key={option.value} option={option} active={option.value === value} unit={props.unit} />
          ))}
          {free && <Combobox.Option value={search}>Use “{search}”</Combobox.Option>}
          {found.length === 0 && !free && (
            <Combobox.Empty>{props.busy === true ? 'Reading the data' : 'Nothing in the data fits'}</Combobox.Empty>
          )}
        </Combobox.Options>
        {props.note !== undefined && <Combobox.Footer className={classes.footer}>{props.note}</Combobox.Footer>}
      </Combobox.Dropdown>
    </Combobox>
  );
}

function PickerRow({
  option,
  active,
  unit,
}: {
  option: PickerOption;
  active: boolean;
  unit: string | undefined;
}): ReactElement {
  const { count } = option;
  return (
    <Combobox.Option value={option.value} active={active} className={classes.option}>
      {option.color !== undefined && <span className={classes.swatch} style={{ background: option.color }} />}
      <span className={classes.optionText} title={option.label ?? option.value}>
        {option.label ?? option.value}
      </span>
      {count !== undefined && (
        <span className={classes.count} title={`${formatNumber(count)} ${unit ?? ''}`}>
          {formatCompact(count)}
        </span>
      )}
    </Combobox.Option>
  );
}
