import { zoneBoundFunctions, ownFunctions } from './function-rules.ts';
import type { Assumptions } from './mapping.ts';

/** A node of JSONata's syntax tree, as far as it is looked at here. */
interface Node {
  readonly type?: string;
  readonly value?: unknown;
  readonly position?: number;
  readonly procedure?: Node;
  readonly arguments?: readonly Node[];
  readonly lhs?: unknown;
  readonly rhs?: Node;
  readonly focus?: string;
  readonly index?: unknown;
}

/** Something an expression may not say; `position` counts characters from 1. */
export interface ExpressionFault {
  readonly position: number;
  readonly reason: string;
}

/** JSONata's functions that neither calculate nor depend on chance, time or anything but their arguments. */
const borrowed =
  'string length substring substringBefore substringAfter lowercase uppercase trim pad contains ' +
  'split join replace boolean not exists type count append reverse distinct sort zip map filter ' +
  'single reduce sift each keys lookup spread merge error assert';
const allowedFunctions = new Set([...borrowed.split(' '), ...ownFunctions]);

const allowedOperators = new Set('& = != < <= > >= and or in { ['.split(' '));
const nodes =
  'path name string number value wildcard descendant parent variable function partial lambda ' +
  'condition block bind apply sort filter index binary unary operator';
const allowedNodes = new Set(nodes.split(' '));
const said: Readonly<Record<string, string>> = {
  regex: 'a regular expression can run for hours on one row; use $contains, $split or $replace',
  transform: 'the transform operator is not needed to build a record',
};

/**
 * What is wrong with an expression, in the order of its text: arithmetic (JSONata's numbers are
 * floats, so amounts stay text until $minor), functions that are not on the list, unknown variables,
 * and amounts or instants whose currency or zone neither the call nor the mapping names.
 * `joins` are the names under which joined rows are seen.
 */
export function faultsOf(
  tree: unknown,
  joins: readonly string[],
  assumptions: Assumptions,
): ExpressionFault[] {
  const faults: ExpressionFault[] = [];
  const bound = new Set(joins);
  const add = (node: Node, reason: string): unknown =>
    faults.push({ position: node.position ?? 0, reason });
  const visit = (node: Node, called?: number): void => {
    if (node.type !== undefined) checkNode(node, called);
    if (node.type === 'function' || node.type === 'partial') {
      if (node.procedure) visit(node.procedure, (node.arguments?.length ?? 0) + (called ?? 0));
    } else if (node.type === 'apply') {
      visitAll(node.lhs);
      // `a ~> $f(b)` calls $f(a, b)
      if (node.rhs) visit(node.rhs, 1);
      return;
    }
    for (const [name, child] of Object.entries(node)) if (name !== 'procedure') visitAll(child);
  };
  const visitAll = (child: unknown): void => {
    if (Array.isArray(child)) child.forEach(visitAll);
    else if (typeof child === 'object' && child !== null) visit(child);
  };
  const checkNode = (node: Node, called?: number): void => {
    const type = node.type ?? '';
    if (!allowedNodes.has(type)) add(node, said[type] ?? `${type} cannot be used`);
    else if (type === 'binary' || type === 'unary') checkOperator(node, add);
    else if (type === 'number' && !Number.isSafeInteger(node.value)) {
      add(node, `${String(node.value)} is no exact integer; write decimals as text`);
    } else if (type === 'variable') checkVariable(node, called);
  };
  const checkVariable = (node: Node, called?: number): void => {
    const name = String(node.value);
    if (name === '' || name === '$' || bound.has(name)) return;
    if (!allowedFunctions.has(name)) add(node, `$${name} cannot be used in a mapping`);
    else if (!ownFunctions.has(name)) return;
    else if (called === undefined) add(node, `$${name} must be called, not handed on`);
    else checkAssumption(node, name, called);
  };
  const checkAssumption = (node: Node, name: string, called: number): void => {
    if (called >= 2) return;
    if (name === 'minor' && assumptions.currency === undefined) {
      add(node, '$minor needs a currency: name it in the call or in the mapping');
    }
    if (zoneBoundFunctions.has(name) && assumptions.timeZone === undefined) {
      add(node, `$${name} needs a time zone: name it in the call or in the mapping`);
    }
  };
  for (const name of namesBoundIn(tree)) bound.add(name);
  visitAll(tree);
  return faults.sort((one, other) => one.position - other.position);
}

/** The variables an expression makes itself: by :=, as a function's parameter, by @ and #. */
export function namesBoundIn(tree: unknown): Set<string> {
  const names = new Set<string>();
  const visit = (child: unknown): void => {
    if (Array.isArray(child)) {
      child.forEach(visit);
    } else if (typeof child === 'object' && child !== null) {
      const node: Node = child;
      if (node.type === 'bind') names.add(String((node.lhs as Node).value));
      if (node.type === 'lambda') node.arguments?.forEach(({ value }) => names.add(String(value)));
      if (node.focus !== undefined) names.add(node.focus);
      if (typeof node.index === 'string') names.add(node.index);
      Object.values(node).forEach(visit);
    }
  };
  visit(tree);
  return names;
}

function checkOperator(node: Node, add: (node: Node, reason: string) => unknown): void {
  const operator = String(node.value);
  if (allowedOperators.has(operator)) return;
  const reason =
    operator === '..'
      ? '.. is not needed to build a record'
      : `${operator} calculates with floating-point numbers; use $addMinor or $multiplyMinor`;
  add(node, reason);
}
