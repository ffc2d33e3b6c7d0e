import Contract
import FoundationEssentials
import Postgres
import Scripts

extension EngineStore {
    static let columns = """
        SELECT engine_id, engine_name, engine_version, engine_type, upload_date, uploaded_by, source, source_sha256,
               config_schema::text AS config_schema, input_schema::text AS input_schema,
               output_schema::text AS output_schema, sample, mode, config::text AS config, config_version,
               tested_at, test_passed, test_config::text AS test_config, test_report
        """

    static func record(_ row: PostgresRow) throws -> EngineRecord {
        let typeName: String = try row.get("engine_type")
        guard let type = DecisionType(rawValue: typeName), let mode = EngineMode(rawValue: try row.get("mode")) else {
            throw EngineStoreError.unreadable("type \(typeName)")
        }
        let id: UUID = try row.get("engine_id")
        return EngineRecord(
            id: id,
            engine: CustomEngine(
                id: id.uuidString.lowercased(),
                name: try row.get("engine_name"),
                version: try row.get("engine_version"),
                type: type,
                source: try row.get("source"),
                sha256: try row.get("source_sha256"),
                uploadedAt: try moment(row, "upload_date"),
                config: try object(try row.get("config")),
                configVersion: try row.get("config_version"),
                configSchema: try schema(try row.get("config_schema")),
                inputSchema: try schema(try row.get("input_schema")),
                outputSchema: try schema(try row.get("output_schema"))
            ),
            mode: mode,
            uploadedBy: try row.get("uploaded_by"),
            sample: try row.get("sample"),
            test: try test(row)
        )
    }

    private static func test(_ row: PostgresRow) throws -> EngineRecord.Test? {
        guard let passed: Bool = try row.get("test_passed"), let config: String = try row.get("test_config"),
            let report: String = try row.get("test_report")
        else { return nil }
        return EngineRecord.Test(
            at: try moment(row, "tested_at"),
            passed: passed,
            config: try object(config),
            report: report
        )
    }

    static func moment(_ row: PostgresRow, _ column: String) throws -> Timestamp {
        let date: Date = try row.get(column)
        return Timestamp(secondsSinceEpoch: date.timeIntervalSince1970)
    }

    static func object(_ text: String) throws -> JSONObject {
        guard let object = try JSONParser.parse(text).object else { throw EngineStoreError.unreadable("config") }
        return object
    }

    private static func schema(_ text: String) throws -> JSONSchema {
        try JSONSchema(JSONReader(try JSONParser.parse(text)))
    }
}
