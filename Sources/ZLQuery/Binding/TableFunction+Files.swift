import ZLColumnar
import ZLFormats

/// Readers of files.
extension TableFunction {
    static let files: [TableFunction] = [
        TableFunction(
            "read_csv", aliases: ["read_csv_auto"],
            named: [
                "header", "delim", "sep", "delimiter", "quote", "escape", "nullstr", "skip", "all_varchar", "filename", "auto_detect",
            ],
            "Rows of CSV files, with the types that all their rows allow", example: "* FROM read_csv('bars/*.csv')",
            bind: { (arguments, named, context) throws(ZLError) in
                let pattern = try path("read_csv", arguments)
                let options = try csvOptions(named)
                return try opened {
                    let scan = try CSVScan(pattern: pattern, options: options, cancellation: context.cancellation)
                    for note in scan.notes { context.log("read_csv: \(note)") }
                    return scan
                }
            }),
        TableFunction(
            "read_dbn", named: ["price", "filename"],
            "Records of Databento's DBN files of one schema, with the symbol of each",
            example: "* FROM read_dbn('bars/*.dbn.zst')",
            bind: { (arguments, named, _) throws(ZLError) in
                let pattern = try path("read_dbn", arguments)
                return .file(try DBNScan(pattern: pattern, options: try dbnOptions(named)))
            }),
        TableFunction(
            "read_databento", named: ["price", "filename"],
            "Databento's files of one schema, DBN and CSV alike, in the columns of DBN",
            example: "* FROM read_databento('bars/*')",
            bind: { (arguments, named, context) throws(ZLError) in
                let pattern = try path("read_databento", arguments)
                let options = try dbnOptions(named)
                return try opened {
                    try DatabentoScan(pattern: pattern, options: options, cancellation: context.cancellation)
                }
            }),
        TableFunction(
            "read_fred", "FRED's CSV files under a folder: series, date, value, first day of the vintage",
            example: "* FROM read_fred('fred')",
            bind: { (arguments, _, context) throws(ZLError) in
                let pattern = try path("read_fred", arguments)
                return try opened { try FREDScan(pattern: pattern, cancellation: context.cancellation) }
            }),
        TableFunction(
            "databento_files", "Databento's files, DBN and CSV, with hash of the content, rows, first and last timestamp",
            example: "* FROM databento_files('bars/*')",
            bind: { (arguments, _, _) throws(ZLError) in
                .file(try DatabentoFilesScan(pattern: try path("databento_files", arguments)))
            }),
    ]

    /// A reader that throws as it likes, where all that can come is a `ZLError`.
    static func opened(_ open: () throws -> any FileScan) throws(ZLError) -> BoundTable {
        do { return .file(try open()) } catch let error as ZLError { throw error } catch {
            throw ZLError(.internal, "untyped_error", "a file reader failed: \(error)")
        }
    }

    private static func dbnOptions(_ named: [String: Value]) throws(ZLError) -> DBNOptions {
        var options = DBNOptions()
        options.includesFilename = try flag(named["filename"], "filename")
        guard let price = named["price"] else { return options }
        guard price == .string("decimal") || price == .string("double") else {
            throw ZLError(.binding, "bad_argument", "price is 'double' or 'decimal'")
        }
        options.priceAsDecimal = price == .string("decimal")
        return options
    }

    private static func csvOptions(_ named: [String: Value]) throws(ZLError) -> CSVOptions {
        var options = CSVOptions()
        if named["header"] != nil { options.hasHeader = try flag(named["header"], "header") }
        for name in ["delim", "sep", "delimiter"] {
            if let value = named[name] { options.delimiter = try letter(value, name) }
        }
        if let quote = named["quote"] { options.quote = try letter(quote, "quote") }
        if let escape = named["escape"] { options.escape = try letter(escape, "escape") }
        if let text = named["nullstr"] {
            guard case .string(let null) = text else { throw ZLError(.binding, "type_mismatch", "nullstr is a text") }
            options.nullTexts = [null]
        }
        if let skip = named["skip"] {
            guard case .integer(let count) = skip, let lines = Int(exactly: count), lines >= 0 else {
                throw ZLError(.binding, "bad_argument", "skip is a number of lines")
            }
            options.skippedLines = lines
        }
        options.isAllVarchar = try flag(named["all_varchar"], "all_varchar")
        options.includesFilename = try flag(named["filename"], "filename")
        return options
    }

    /// One byte of text; the empty text is none.
    private static func letter(_ value: Value, _ name: String) throws(ZLError) -> UInt8? {
        guard case .string(let text) = value, text.utf8.count <= 1 else {
            throw ZLError(.binding, "bad_argument", "\(name) is a single character")
        }
        return text.utf8.first
    }

    /// The one argument of a reader: a path or glob.
    static func path(_ name: String, _ arguments: [Value]) throws(ZLError) -> String {
        guard arguments.count == 1, case .string(let path) = arguments[0] else {
            if arguments.count == 1, arguments[0].isNull {
                throw ZLError(
                    .binding, "bad_argument", "\(name) takes a path or glob, found NULL", hint: "is the variable set?")
            }
            throw ZLError(.binding, "bad_argument", "\(name) takes one path or glob as text")
        }
        return path
    }

    static func flag(_ value: Value?, _ name: String) throws(ZLError) -> Bool {
        switch value {
        case nil: return false
        case .boolean(let flag): return flag
        case .integer(let number): return number != 0
        default: throw ZLError(.binding, "type_mismatch", "\(name) is true or false")
        }
    }
}
