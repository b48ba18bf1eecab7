import ZLColumnar

/// How CSV text is to be understood. What is nil is found out from the files.
package struct CSVOptions: Sendable {
    /// Whether the first line holds names.
    package var hasHeader: Bool?
    package var delimiter: UInt8?
    /// nil: fields are never quoted.
    package var quote: UInt8? = UInt8(ascii: "\"")
    /// Stands before a quote inside a quoted field; nil: the quote itself.
    package var escape: UInt8?
    /// Unquoted texts that mean NULL. Columns of other types than VARCHAR take an empty field, and these texts in quotes, as NULL too.
    package var nullTexts: [String] = [""]
    /// Lines to drop before everything else.
    package var skippedLines = 0
    /// Names for the columns, from the first on.
    package var names: [String] = []
    /// Types that are not to be detected, by column name (any case).
    package var types: [String: DataType] = [:]
    /// Every column, names and types; nothing is detected.
    package var columns: [FileColumn]?
    /// All columns are VARCHAR.
    package var isAllVarchar = false
    /// A last column `filename`.
    package var includesFilename = false

    package init() {}
}

/// The bytes that structure CSV text.
struct CSVDialect: Hashable, Sendable {
    var delimiter: UInt8
    var quote: UInt8?
    var escape: UInt8?

    static let newline = UInt8(ascii: "\n")
    static let carriageReturn = UInt8(ascii: "\r")
    /// Tried in this order.
    private static let delimiters: [UInt8] = [
        UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "|"), UInt8(ascii: "\t"),
    ]
    private static let sampledRows = 1000

    /// The dialect that `options` state; an unknown delimiter is the one that splits the sample into the most columns, the
    /// same number in every row.
    ///
    /// `sample` is the start of a file; it may end inside a row.
    init(options: CSVOptions, sample: UnsafeRawBufferPointer) {
        quote = options.quote
        escape = options.escape
        if let known = options.delimiter {
            delimiter = known
            return
        }
        delimiter = CSVDialect.delimiters[0]
        var most = 1
        var mostInFirstRow = 1
        for candidate in CSVDialect.delimiters {
            let trial = CSVDialect(delimiter: candidate, quote: quote, escape: escape)
            let rows = trial.fields(of: sample, rowLimit: CSVDialect.sampledRows).filter { !($0.count == 1 && $0[0].bytes.isEmpty) }
            guard let first = rows.first else { continue }
            let isSteady = rows.allSatisfy { $0.count == first.count }
            if isSteady, first.count > most {
                most = first.count
                mostInFirstRow = Int.max
                delimiter = candidate
            } else if first.count > mostInFirstRow {
                mostInFirstRow = first.count
                delimiter = candidate
            }
        }
    }

    init(delimiter: UInt8, quote: UInt8? = UInt8(ascii: "\""), escape: UInt8? = nil) {
        self.delimiter = delimiter
        self.quote = quote
        self.escape = escape
    }

    /// Whether an escape in front of the byte makes it plain text: a quote, or the escape itself.
    @inline(__always)
    func isEscapable(_ byte: UInt8) -> Bool { byte == quote || (escape != nil && byte == escape) }

    struct Field: Hashable {
        var bytes: [UInt8]
        var isQuoted: Bool
    }

    /// The first rows as fields, by the plain reading of the rules: for samples and names, not for loops over data. A row that the
    /// bytes end in counts only if it is the only one.
    func fields(of bytes: UnsafeRawBufferPointer, rowLimit: Int) -> [[Field]] {
        var rows: [[Field]] = []
        var row: [Field] = []
        var field = Field(bytes: [], isQuoted: false)
        var index = 0
        var inQuotes = false
        var atStart = true
        while index < bytes.count, rows.count < rowLimit {
            let byte = bytes[index]
            let next = index + 1 < bytes.count ? bytes[index + 1] : nil
            index += 1
            if inQuotes {
                if byte == (escape ?? quote), let next, isEscapable(next) {
                    field.bytes.append(next)
                    index += 1
                } else if byte == quote {
                    inQuotes = false
                } else {
                    field.bytes.append(byte)
                }
                continue
            }
            if atStart, byte == quote {
                inQuotes = true
                field.isQuoted = true
                atStart = false
                continue
            }
            atStart = false
            if byte == delimiter || byte == CSVDialect.newline {
                if byte == CSVDialect.newline, !field.isQuoted, field.bytes.last == CSVDialect.carriageReturn { field.bytes.removeLast() }
                row.append(field)
                field = Field(bytes: [], isQuoted: false)
                atStart = true
                if byte == CSVDialect.newline {
                    rows.append(row)
                    row = []
                }
            } else if !(field.isQuoted && byte == CSVDialect.carriageReturn) {
                field.bytes.append(byte)
            }
        }
        if rows.isEmpty, index > 0 { rows.append(row + [field]) }
        return rows
    }
}
