/** The commands of the CLI, as the documentation names them. */
import type { Command } from 'commander';
import { createProgram } from '../../packages/server/src/cli/program.ts';

const program = await createProgram(process, () => true);
const child = (command: Command, name: string) =>
  command.commands.find((each) => each.name() === name);

/** Whether `gatepass NAME SUB` is a command; `sub` may be an argument of one without parts. */
export function isCommand(name: string, sub: string | undefined): boolean {
  const command = child(program, name);
  if (!command) return false;
  return command.commands.length === 0 || sub === undefined || child(command, sub) !== undefined;
}

export const allCommands: readonly string[] = program.commands.flatMap((command) =>
  command.commands.length === 0
    ? [`gatepass ${command.name()}`]
    : command.commands.map((sub) => `gatepass ${command.name()} ${sub.name()}`),
);
