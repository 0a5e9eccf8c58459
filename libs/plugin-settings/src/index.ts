/**
 * What may be set about plugins at run time, and by whom: for operators at the command line and console, and for people in chats
 * on whose behalf a handler asks. Where it is stored and who is told are ports. May import protocol only, and zod.
 */
export { ChatSettings } from './chat-settings';
export { PluginControl, type PluginControlOptions } from './plugin-control';
