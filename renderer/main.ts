import { connection } from './engine/connection.ts';
import { watchQueryPorts } from './engine/query-line.ts';

// Listened for at once: the desktop sends the way to the engine as soon as the page is there.
connection.start();
watchQueryPorts();
// In a task of its own: together they take 50 ms and more.
void import('./window.tsx');
