import { ROOMS } from './rooms';

/**
 * For scripts that know ROOMS: the send has reached the account's NapCat at `at`, and so it weighs on all that it stands in from then on.
 * `weights`: names of its logs, each with the ms for which a send counts there, and `gap` with the ms until the next send; all with spaces.
 * A log that has ended meanwhile begins again. Nothing ever moves back.
 */
export const MOVE_SEND = `
local function move(id, weights, at)
  for name, ms in string.gmatch(weights, '(%S+) (%d+)') do
    if name == 'gap' then
      local next_at = tonumber(redis.call('HGET', PACE, 'next') or '0')
      if at + ms > next_at then redis.call('HSET', PACE, 'next', int(at + ms)) end
    elseif at + ms > now then
      local log = own .. 'log:' .. name
      if tonumber(redis.call('ZSCORE', log, id) or '0') < at then redis.call('ZADD', log, int(at), id) end
      if redis.call('PTTL', log) < at + ms - now then redis.call('PEXPIRE', log, int(at + ms - now)) end
    end
  end
end
`;

/** For scripts that know ROOMS: the action is known to have been read, so nobody has to count it anew. */
export const NOTE_READ = `
local function note_read(id, sent)
  if sent and string.match(sent, '^%S+') == id then redis.call('HDEL', PACE, 'sent') end
end
`;

/**
 * A send has reached NapCat later than its admission says.
 *
 * KEYS and ARGV[1..3] as in rooms.ts
 * ARGV[4]  action id, ARGV[5] so many ms ago, ARGV[6] what it weighs on, as in MOVE_SEND
 */
export const REACH_SEND = `${ROOMS}${MOVE_SEND}
move(ARGV[4], ARGV[6], now - ARGV[5])
return 1
`;
