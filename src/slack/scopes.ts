/** What the bot may do in a workspace: the same list as in slack-manifest.yaml, and nothing that no line of ours needs. */
export const SCOPES = [
  'app_mentions:read',
  'chat:write',
  'chat:write.public',
  'commands',
  'files:write',
  'usergroups:read',
  'users:read',
] as const;
