import {
  ActionIcon,
  Button,
  Checkbox,
  Combobox,
  createTheme,
  defaultVariantColorsResolver,
  Input,
  Menu,
  Modal,
  Popover,
  SegmentedControl,
  Switch,
  Tabs,
  Tooltip,
  type CSSVariablesResolver,
  type MantineColorsTuple,
  type VariantColorsResolver,
} from '@mantine/core';

const same = (color: string): MantineColorsTuple =>
  Array.from({ length: 10 }, () => color) as unknown as MantineColorsTuple;
const mix = (color: string, percent: number): string => `color-mix(in srgb, ${color} ${percent}%, transparent)`;
const HEIGHTS: Readonly<Record<string, string>> = { xs: '24px', sm: '28px', md: '32px' };
const heightOf = (size: unknown): string => HEIGHTS[String(size)] ?? '28px';

/** Our few looks: filled = the one action, default = bordered, subtle = quiet, light = tinted. */
const variants: VariantColorsResolver = (input) => {
  const tone = input.color === 'red' || input.color === 'danger' ? 'var(--danger)' : 'var(--accent)';
  const none = { border: '1px solid transparent' };
  switch (input.variant) {
    case 'filled':
      return {
        ...none,
        background: tone,
        hover: `color-mix(in srgb, ${tone} 88%, var(--text))`,
        color: tone === 'var(--accent)' ? 'var(--accent-text)' : 'var(--panel)',
      };
    case 'default':
      return {
        background: 'var(--raised)',
        hover: 'color-mix(in srgb, var(--text) 5%, var(--raised))',
        color: 'var(--text)',
        border: '1px solid var(--border-strong)',
      };
    case 'subtle':
      return {
        ...none,
        background: 'transparent',
        hover: 'var(--hover)',
        color: input.color === undefined || input.color === 'gray' ? 'var(--text)' : tone,
      };
    case 'light':
      return { ...none, background: mix(tone, 10), hover: mix(tone, 16), color: tone };
    default:
      return defaultVariantColorsResolver(input);
  }
};

export const theme = createTheme({
  fontFamily: 'var(--font)',
  fontFamilyMonospace: 'var(--mono)',
  primaryColor: 'accent',
  colors: { accent: same('var(--accent)'), danger: same('var(--danger)') },
  primaryShade: 5,
  defaultRadius: 6,
  cursorType: 'pointer',
  focusRing: 'auto',
  respectReducedMotion: true,
  fontSizes: { xs: '12px', sm: '13px', md: '13px', lg: '15px', xl: '22px' },
  lineHeights: { xs: '16px', sm: '20px', md: '20px', lg: '22px', xl: '28px' },
  spacing: { xs: '4px', sm: '8px', md: '12px', lg: '16px', xl: '24px' },
  headings: {
    fontFamily: 'var(--font)',
    fontWeight: '600',
    sizes: {
      h1: { fontSize: '22px', lineHeight: '28px' },
      h2: { fontSize: '15px', lineHeight: '22px' },
      h3: { fontSize: '13px', lineHeight: '20px' },
    },
  },
  variantColorResolver: variants,
  components: {
    Button: Button.extend({
      defaultProps: { size: 'sm', variant: 'default' },
      vars: (_theme, props) => ({
        root: {
          '--button-height': heightOf(props.size),
          '--button-fz': '13px',
          '--button-padding-x': props.size === 'xs' ? '8px' : '12px',
        },
      }),
    }),
    ActionIcon: ActionIcon.extend({
      defaultProps: { size: 'sm', variant: 'subtle', color: 'gray' },
      vars: (_theme, props) => ({ root: { '--ai-size': heightOf(props.size) } }),
    }),
    Input: Input.extend({
      defaultProps: { size: 'sm' },
      vars: (_theme, props) => ({
        wrapper: { '--input-height': heightOf(props.size), '--input-fz': '13px', '--input-padding': '8px' },
      }),
    }),
    InputWrapper: Input.Wrapper.extend({ defaultProps: { size: 'sm' } }),
    Checkbox: Checkbox.extend({ defaultProps: { size: 'xs' } }),
    // A list that is closed is not there: the rules of a journey have dozens.
    Combobox: Combobox.extend({ defaultProps: { keepMounted: false } }),
    Switch: Switch.extend({ defaultProps: { size: 'xs', withThumbIndicator: false } }),
    SegmentedControl: SegmentedControl.extend({
      defaultProps: { size: 'sm', transitionDuration: 120, withItemsBorders: false },
    }),
    Tabs: Tabs.extend({ defaultProps: { variant: 'default' } }),
    Menu: Menu.extend({
      defaultProps: {
        withInitialFocusPlaceholder: false,
        shadow: 'none',
        offset: 4,
        transitionProps: { duration: 100 },
      },
    }),
    Popover: Popover.extend({ defaultProps: { shadow: 'none', offset: 4, transitionProps: { duration: 100 } } }),
    Modal: Modal.extend({
      defaultProps: {
        centered: true,
        closeButtonProps: { 'aria-label': 'Close' },
        transitionProps: { duration: 120 },
        overlayProps: { backgroundOpacity: 0.35 },
      },
    }),
    Tooltip: Tooltip.extend({ defaultProps: { openDelay: 400, offset: 6, transitionProps: { duration: 80 } } }),
  },
});

const shared = {
  '--mantine-color-body': 'var(--panel)',
  '--mantine-color-text': 'var(--text)',
  '--mantine-color-dimmed': 'var(--muted)',
  '--mantine-color-placeholder': 'var(--muted)',
  '--mantine-color-anchor': 'var(--accent)',
  '--mantine-color-error': 'var(--danger)',
  '--mantine-color-default': 'var(--raised)',
  '--mantine-color-default-hover': 'color-mix(in srgb, var(--text) 5%, var(--raised))',
  '--mantine-color-default-color': 'var(--text)',
  '--mantine-color-default-border': 'var(--border-strong)',
  '--mantine-color-disabled': 'color-mix(in srgb, var(--text) 5%, var(--panel))',
  '--mantine-color-disabled-color': 'color-mix(in srgb, var(--text) 45%, var(--panel))',
  '--mantine-color-disabled-border': 'var(--border)',
  '--mantine-primary-color-contrast': 'var(--accent-text)',
};
export const cssVariables: CSSVariablesResolver = () => ({ variables: {}, light: shared, dark: shared });
