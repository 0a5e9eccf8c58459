import { describe, expect, it } from '@jest/globals';
import { queryProblems } from './queries';

describe('queryProblems', () => {
  it.each([
    'sum by (lane) (rate(rookery_actions_total{outcome=~"sent|refused"}[5m]))',
    'histogram_quantile(0.9, sum by (le) (rate(rookery_handler_seconds_bucket[$__rate_interval])))',
    'up{job="rookery"} == 0',
    'rookery_handler_seconds_sum{plugin="anything"}',
  ])('has nothing against %s', (query) => {
    expect(queryProblems(query)).toEqual([]);
  });

  it.each([
    ['rookery_acounts', 'there is no metric rookery_acounts'],
    ['rookery_accounts_total', 'there is no metric rookery_accounts_total'],
    ['rookery_handler_seconds', 'there is no metric rookery_handler_seconds'],
    ['rookery_actions_total_bucket', 'there is no metric rookery_actions_total_bucket'],
    ['rookery_accounts{stat="online"}', 'rookery_accounts has no label stat'],
    ['rookery_accounts{state="awake"}', 'rookery_accounts: state is never "awake"'],
    ['rookery_accounts{state=~"online|up"}', 'rookery_accounts: state is never "up"'],
    ['sum by (group) (rookery_accounts)', 'none of its metrics has a label group'],
  ])('finds what is wrong with %s', (query, problem) => {
    expect(queryProblems(query)).toEqual([problem]);
  });
});
