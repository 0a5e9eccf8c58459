/**
 * For scripts that know ROOMS: the account meets a server run that is not the one of its last send. `before`: which that was, nil where nothing is
 * known of it; `count`: how many sends were counted of the day; `most`: how many sends Redis may have forgotten.
 */
export const MEET_RUN = `
local function meet_run(run, before, count, most)
  redis.call('HSET', PACE, 'run', run)
  if not before then return end
  redis.call('HSET', PACE, 'lost', int(now), 'forgot', most)
  if count then redis.call('HINCRBY', PACE, 'count', most) end
end
`;
