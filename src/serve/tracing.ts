/** Traces, for those who ask for them with OTEL_EXPORTER_OTLP_ENDPOINT; nothing is loaded otherwise. */
import type { Telemetry } from 'bullmq';

export interface Tracing {
  readonly telemetry: Telemetry;
  readonly stop: () => Promise<void>;
}

export async function startTracing(
  env: Readonly<Record<string, string | undefined>>,
  version: string,
): Promise<Tracing | undefined> {
  if (!env['OTEL_EXPORTER_OTLP_ENDPOINT'] && !env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT']) return undefined;
  const [{ NodeTracerProvider, BatchSpanProcessor }, { OTLPTraceExporter }, { BullMQOtel }] = await Promise.all([
    import('@opentelemetry/sdk-trace-node'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('bullmq-otel'),
  ]);
  const provider = new NodeTracerProvider({ spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())] });
  provider.register();
  return { telemetry: new BullMQOtel({ tracerName: 'tcp-oncall', version }), stop: () => provider.shutdown() };
}
