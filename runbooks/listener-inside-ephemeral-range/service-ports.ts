/** Ports that are known as a service's own, so that a listener there was put there by its configuration. */

/** From the service's documentation or the IANA registry (RFC 6335): those that a widened range covers most often. */
const SERVICE_PORTS: ReadonlySet<number> = new Set([
  1433, // SQL Server
  1521, // Oracle
  2181, // ZooKeeper
  2379, // etcd
  3000, // Grafana
  3306, // MySQL
  4317, // OpenTelemetry
  5432, // PostgreSQL
  5601, // Kibana
  5671, // RabbitMQ with TLS
  5672, // RabbitMQ
  6379, // Redis
  6443, // Kubernetes API
  7001, // Cassandra between nodes with TLS, WebLogic
  8009, // AJP
  8080, // HTTP
  8081, // HTTP
  8443, // HTTPS
  8983, // Solr
  9042, // Cassandra
  9092, // Kafka
  9093, // Kafka, Alertmanager
  9100, // node_exporter
  9200, // Elasticsearch
  9300, // Elasticsearch between nodes
  11211, // memcached
  15672, // RabbitMQ management
  24224, // Fluentd
  25672, // RabbitMQ between nodes
  26379, // Redis Sentinel
  27017, // MongoDB
  50000, // Db2, Jenkins agents
]);

export function isServicePort(port: number): boolean {
  return SERVICE_PORTS.has(port);
}
