/** /tcp hosts: the hosts of the inventory, by group. */
import { hostsMessage } from '#render/slack/hosts.ts';
import { defineCommand } from './command.ts';

export const hosts = defineCommand({
  verb: 'hosts',
  anywhere: true,
  says: [],
  read: () => ({}),
  carryOut: (_, { asked, desk }) => asked.reply(hostsMessage(desk.inventory().listHosts(), asked.voice)),
});
