/// The object ids that PostgreSQL's own types have had in every release.
enum PostgresType {
    static let bool: UInt32 = 16
    static let bytea: UInt32 = 17
    static let char: UInt32 = 18
    static let name: UInt32 = 19
    static let int8: UInt32 = 20
    static let int2: UInt32 = 21
    static let int4: UInt32 = 23
    static let text: UInt32 = 25
    static let oid: UInt32 = 26
    static let json: UInt32 = 114
    static let xml: UInt32 = 142
    static let float4: UInt32 = 700
    static let float8: UInt32 = 701
    static let unknown: UInt32 = 705
    static let bpchar: UInt32 = 1042
    static let varchar: UInt32 = 1043
    static let date: UInt32 = 1082
    static let timestamp: UInt32 = 1114
    static let timestamptz: UInt32 = 1184
    static let numeric: UInt32 = 1700
    static let uuid: UInt32 = 2950
    static let jsonb: UInt32 = 3802

    static let boolArray: UInt32 = 1000
    static let byteaArray: UInt32 = 1001
    static let textArray: UInt32 = 1009
    static let int8Array: UInt32 = 1016
    static let float8Array: UInt32 = 1022
    static let timestamptzArray: UInt32 = 1185
    static let uuidArray: UInt32 = 2951

    /// Types that an installation defines (enumerations, extensions) have ids from here on.
    static let firstUserDefined: UInt32 = 16384

    /// A name for messages; the id itself for types that are not listed.
    static func name(of type: UInt32) -> String { names[type] ?? "type \(type)" }

    /// Whether a type can be an array: PostgreSQL's own are listed, those of an installation cannot be told apart.
    static func mayBeArray(_ type: UInt32) -> Bool { type >= firstUserDefined || arrays.contains(type) }

    /// The array types of the scalar types above.
    private static let arrays: Set<UInt32> = [
        143, 199, 1000, 1001, 1002, 1003, 1005, 1007, 1009, 1014, 1015, 1016, 1021, 1022, 1028, 1115, 1182, 1185, 1231,
        2951, 3807,
    ]

    private static let names: [UInt32: String] = [
        bool: "bool", bytea: "bytea", char: "char", name: "name", int8: "int8", int2: "int2", int4: "int4",
        text: "text", oid: "oid", json: "json", xml: "xml", float4: "float4", float8: "float8", unknown: "unknown",
        bpchar: "bpchar", varchar: "varchar", date: "date", timestamp: "timestamp", timestamptz: "timestamptz",
        numeric: "numeric", uuid: "uuid", jsonb: "jsonb",
    ]
}
