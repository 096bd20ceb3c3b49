import { HeatmapChart } from 'echarts/charts';
import { VisualMapComponent } from 'echarts/components';
import { use as register } from 'echarts/core';
import { init } from './echarts-plain.ts';

register([HeatmapChart, VisualMapComponent]);
export { init };
