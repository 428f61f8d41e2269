#!/usr/bin/env node
import { runProgram } from './commands/frame.ts';
import { makeProgram } from './commands/program.ts';

await runProgram(await makeProgram(process.argv[2]), process.argv);
