/**
 * For scripts that do the same for several keys: `return apart(count, run)` calls `run(n)` for each n and returns what these return. What is
 * spoilt in the keys of one fails only that one: instead of its answer stands { `refused`, why }. What the server refuses to everybody, a
 * replica or one without memory, ends the script with that, so that the connection learns of it.
 */
export const APART = `
local function apart(count, run)
  local answers = {}
  for n = 1, count do
    local ok, answer = pcall(run, n)
    if not ok then
      -- Redis 6.2 puts the place in the script before it.
      local text = string.gsub(type(answer) == 'table' and answer.err or tostring(answer), '^@[^:]*: %d+: %-?', '')
      local kind = string.match(text, '^(%u+) ')
      if kind and kind ~= 'ERR' and kind ~= 'WRONGTYPE' then return redis.error_reply(text) end
      answer = { 'refused', text }
    end
    answers[n] = answer
  end
  return answers
end
`;
