// @ts-check
export function show() {}
