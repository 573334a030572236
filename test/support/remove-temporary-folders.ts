import { afterAll } from 'vitest';
import { removeTemporaryFolders } from './temporary-folder.ts';

// Vitest runs this file before each test file. So its hook runs after those of the test file, which stop the processes.
afterAll(removeTemporaryFolders);
