import ZLColumnar
import ZLFormats

/// Readers of files.
extension TableFunction {
    static let files: [TableFunction] = [
        TableFunction(
            "read_dbn", named: ["price", "filename"],
            "Records of Databento's DBN files of one schema, with the symbol of each",
            example: "* FROM read_dbn('bars/*.dbn.zst')",
            bind: { (arguments, named, _) throws(ZLError) in
                let pattern = try path("read_dbn", arguments)
                var options = DBNOptions()
                options.includesFilename = try flag(named["filename"], "filename")
                if let price = named["price"] {
                    guard price == .string("decimal") || price == .string("double") else {
                        throw ZLError(.binding, "bad_argument", "price is 'double' or 'decimal'")
                    }
                    options.priceAsDecimal = price == .string("decimal")
                }
                return .file(try DBNScan(pattern: pattern, options: options))
            })
    ]

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
