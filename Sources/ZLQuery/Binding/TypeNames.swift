import ZLColumnar

/// The types that a type's name in the text stands for.
extension Binder {
    private static let names: [String: DataType] = [
        "BOOLEAN": .boolean, "BOOL": .boolean, "LOGICAL": .boolean,
        "TINYINT": .tinyint, "INT1": .tinyint,
        "SMALLINT": .smallint, "INT2": .smallint, "INT16": .smallint, "SHORT": .smallint,
        "INTEGER": .integer, "INT": .integer, "INT4": .integer, "INT32": .integer, "SIGNED": .integer,
        "BIGINT": .bigint, "INT8": .bigint, "INT64": .bigint, "LONG": .bigint, "OID": .bigint,
        "HUGEINT": .hugeint, "INT128": .hugeint,
        "UTINYINT": .utinyint, "UINT8": .utinyint,
        "USMALLINT": .usmallint, "UINT16": .usmallint,
        "UINTEGER": .uinteger, "UINT32": .uinteger,
        "UBIGINT": .ubigint, "UINT64": .ubigint,
        "REAL": .real, "FLOAT4": .real, "FLOAT": .real,
        "DOUBLE": .double, "FLOAT8": .double, "DOUBLE PRECISION": .double,
        "VARCHAR": .varchar, "TEXT": .varchar, "STRING": .varchar, "CHAR": .varchar, "BPCHAR": .varchar,
        "CHARACTER VARYING": .varchar, "CHARACTER": .varchar, "NVARCHAR": .varchar, "JSON": .varchar,
        "BLOB": .blob, "BYTEA": .blob, "BINARY": .blob, "VARBINARY": .blob,
        "DATE": .date,
        "TIME": .time, "TIME WITHOUT TIME ZONE": .time,
        "TIMESTAMP": .timestamp, "DATETIME": .timestamp, "TIMESTAMP_US": .timestamp,
        "TIMESTAMP WITHOUT TIME ZONE": .timestamp,
        "TIMESTAMP_NS": .timestampNS,
        "TIMESTAMPTZ": .timestampTZ, "TIMESTAMP WITH TIME ZONE": .timestampTZ,
        "INTERVAL": .interval,
    ]

    /// Types of the dialect that do not exist yet.
    private static let planned: Set<String> = [
        "UHUGEINT", "UINT128", "UUID", "TIME WITH TIME ZONE", "TIMETZ", "TIMESTAMP_S", "TIMESTAMP_MS", "BIT", "BITSTRING", "ENUM",
    ]

    private static let defaultDecimal = DataType.decimal(precision: 18, scale: 3)

    /// The type of a name.
    ///
    /// - Throws: class binding, for an unknown name or parameters that a type does not take.
    static func type(_ name: TypeName) throws(ZLError) -> DataType {
        guard case .named(let text, let parameters) = name.kind else {
            throw ZLError.notYet("the type \(kindName(name.kind))", range: name.range)
        }
        if text == "DECIMAL" || text == "NUMERIC" || text == "DEC" { return try decimal(parameters, range: name.range) }
        if let type = names[text] {
            guard parameters.isEmpty || type == .varchar || type == .real else {
                throw ZLError(.binding, "type_parameters", "the type \(text) takes no parameters", range: name.range)
            }
            if type == .real, let bits = parameters.first, bits > 24 { return .double }
            return type
        }
        if planned.contains(text) { throw ZLError.notYet("the type \(text)", range: name.range) }
        throw ZLError(
            .binding, "unknown_type", "there is no type \"\(text)\"",
            hint: NearestName.hint(text, among: names.keys.sorted()), range: name.range)
    }

    private static func decimal(_ parameters: [Int], range: Range<Int>) throws(ZLError) -> DataType {
        guard let precision = parameters.first else { return defaultDecimal }
        let scale = parameters.count > 1 ? parameters[1] : 0
        guard parameters.count <= 2, (1...38).contains(precision), (0...precision).contains(scale) else {
            throw ZLError(
                .binding, "type_parameters",
                "DECIMAL takes a precision of 1 to 38 and a scale of 0 to the precision, found (\(parameters.map(String.init).joined(separator: ", ")))",
                range: range)
        }
        return .decimal(precision: UInt8(precision), scale: UInt8(scale))
    }

    private static func kindName(_ kind: TypeNameKind) -> String {
        switch kind {
        case .named(let text, _): text
        case .list: "LIST"
        case .array: "ARRAY"
        case .structure: "STRUCT"
        case .map: "MAP"
        case .union: "UNION"
        case .enumeration: "ENUM"
        }
    }
}
