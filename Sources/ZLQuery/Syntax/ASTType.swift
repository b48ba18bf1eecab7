/// A type as it was typed: `DOUBLE`, `DECIMAL(18, 4)`, `VARCHAR[]`, `STRUCT(a INTEGER, b DATE)`.
struct TypeName: Sendable {
    var kind: TypeNameKind
    var range: Range<Int>
}

/// The shapes of a `TypeName`.
indirect enum TypeNameKind: Sendable {
    /// A single name in upper case, words of a multi-word name separated by one space (`DOUBLE PRECISION`,
    /// `TIMESTAMP WITH TIME ZONE`), with the whole numbers in parentheses (`DECIMAL(18, 4)`).
    case named(String, parameters: [Int])
    /// `T[]`
    case list(TypeName)
    /// `T[n]`
    case array(TypeName, count: Int)
    /// `STRUCT(name T, ...)` and `ROW(name T, ...)`
    case structure([FieldDefinition])
    /// `MAP(K, V)`
    case map(key: TypeName, value: TypeName)
    /// `UNION(name T, ...)`
    case union([FieldDefinition])
    /// `ENUM('a', 'b')`
    case enumeration([String])
}

/// One field of a STRUCT or UNION type.
struct FieldDefinition: Sendable {
    var name: Identifier
    var type: TypeName
}
