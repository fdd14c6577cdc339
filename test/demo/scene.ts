/** What the demo stands on: real hosts of which four are broken, a local Slack, and the bot as its users start it. */
import { openLab } from '#lab/lab.ts';
import { type LocalSlack, startLocalSlack } from '#local-slack/local-slack.ts';
import { POLICY, setUpForChanges } from '../bot/changes.ts';
import { slackEnvironment } from '../bot/environment.ts';
import { type ServeProcess, startServe } from '../bot/serve-process.ts';
import { breakHosts } from './troubles.ts';

export interface Scene {
  readonly slack: LocalSlack;
  readonly bot: ServeProcess;
  readonly close: () => Promise<void>;
}

export interface SceneSteps {
  readonly hosts: () => void;
  readonly troubles: () => void;
  readonly bot: () => void;
}

const HOSTS = 6;

/** What was started is taken down again when the next part does not start. `port` 0 = any free one. */
export async function setScene(port: number, say: SceneSteps): Promise<Scene> {
  const started: (() => Promise<unknown>)[] = [];
  const close = async () => {
    for (const end of started.splice(0).reverse()) await end();
  };
  try {
    say.hosts();
    const lab = await openLab({ name: 'demo', hosts: HOSTS });
    started.push(lab.close);
    say.troubles();
    await Promise.all(lab.hosts.map(({ name }) => setUpForChanges(lab, name)));
    await breakHosts(lab);
    const slack = await startLocalSlack({ port });
    started.push(slack.stop);
    say.bot();
    const bot = await startServe({ hosts: lab.paths.config, config: POLICY, env: slackEnvironment(slack) });
    started.push(bot.stop);
    await slack.until(({ connected }) => connected);
    return { slack, bot, close };
  } catch (error) {
    await close();
    throw error;
  }
}
