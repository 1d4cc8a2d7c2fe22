// Nobody has read a screen in less: what decides something takes no press before.
export const READ_MS = 350;
