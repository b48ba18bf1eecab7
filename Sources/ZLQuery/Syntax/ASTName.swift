/// A name as it was typed: `close`, `"Trade Date"`.
///
/// Names keep their case and are matched without regard to it, quoted or not, as in DuckDB.
struct Identifier: Hashable, Sendable {
    var text: String
    var isQuoted: Bool
    var range: Range<Int>

    init(_ text: String, isQuoted: Bool = false, range: Range<Int>) {
        self.text = text
        self.isQuoted = isQuoted
        self.range = range
    }
}

/// A name of one to three parts, outermost first: `bars`, `market_data.bars`, `db.market_data.bars`. Never empty.
struct ObjectName: Hashable, Sendable {
    var parts: [Identifier]
    var range: Range<Int>

    /// The part that names the object itself.
    var last: String { parts.last?.text ?? "" }

    /// The part before the last one, a schema or, for a two-part name, possibly a database.
    var schema: String? { parts.count > 1 ? parts[parts.count - 2].text : nil }

    /// The part before the schema.
    var database: String? { parts.count > 2 ? parts[parts.count - 3].text : nil }

    /// The parts joined by dots, unquoted, for messages.
    var text: String { parts.map(\.text).joined(separator: ".") }
}
