import { createRoot } from 'react-dom/client';
import { App } from './App.tsx';
import { connection } from './engine/connection.ts';
import { watchQueryPorts } from './engine/query-line.ts';
import './theme/global-styles.ts';

connection.start();
watchQueryPorts();
const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');
createRoot(root).render(<App />);
