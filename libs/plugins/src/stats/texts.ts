import { texts } from '@rookery/plugin-kit';

export const SAY = texts({
  today: { zh: '今天（{day}）', en: 'Today ({day})' },
  yesterday: { zh: '昨天（{day}）', en: 'Yesterday ({day})' },
  heading: { zh: '{when}本群发言 {total} 条：', en: '{when}, {total} messages in this group:' },
  allGroups: { zh: '{when} {groups} 个群共发言 {total} 条：', en: '{when}, {total} messages in {groups} groups:' },
  otherGroups: { zh: '其他群 {count} 条', en: 'Other groups: {count}' },
  nowhere: {
    zh: '最近没有群开启发言统计，群管理员在群里发送 /stats on 开启。',
    en: 'Messages were counted in no group lately; an admin of a group can begin with /stats on there.',
  },
  line: { zh: '{place}. {name} {count} 条', en: '{place}. {name}: {count}' },
  others: { zh: '其他人 {count} 条', en: 'Others: {count}' },
  none: { zh: '{when}没有统计到发言。', en: '{when}: no messages were counted.' },
  off: {
    zh: '本群没有开启发言统计，管理员发送 /stats on 开启。',
    en: 'Messages are not counted here; an admin can begin with /stats on.',
  },
  days: { zh: '本群每天的发言：', en: 'Messages per day in this group:' },
  day: { zh: '{day} {count} 条', en: '{day}: {count}' },
  on: { zh: '已开启本群的发言统计。', en: 'Messages are counted here from now on.' },
  stopped: {
    zh: '已停止本群的发言统计，已有的数据保留到过期。',
    en: 'Messages are counted no more; what is there stays until it is old.',
  },
});
