/** Told how far a scenario has come, of how much. */
export type Progress = (done: number, of: number) => void;
