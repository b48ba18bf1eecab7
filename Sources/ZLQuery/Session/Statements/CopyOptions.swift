import ZLColumnar
import ZLFormats

/// The options of a COPY statement, each a name and a constant.
struct CopyOptions {
    enum Format: String {
        case csv
        case dbn
    }

    var format: Format?
    var hasHeader: Bool?
    var delimiter: UInt8?
    var quote: UInt8?
    var escape: UInt8?
    var nullText: String?

    private static let names = ["format", "header", "delimiter", "sep", "delim", "quote", "escape", "null", "nullstr"]

    /// - Throws: an option that does not exist, or a value that is none of its own.
    init(_ options: [CopyOption], _ session: Session) throws(ZLError) {
        for option in options {
            let name = option.name.text.lowercasedASCII
            switch name {
            case "format":
                let text = try CopyOptions.text(option, session).lowercasedASCII
                guard let format = Format(rawValue: text) else {
                    throw ZLError.notYet("COPY with FORMAT \(text)", range: option.name.range)
                }
                self.format = format
            case "header": hasHeader = try CopyOptions.flag(option, session)
            case "delimiter", "sep", "delim": delimiter = try CopyOptions.byte(option, session)
            case "quote": quote = try CopyOptions.byte(option, session)
            case "escape": escape = try CopyOptions.byte(option, session)
            case "null", "nullstr": nullText = try CopyOptions.text(option, session)
            default:
                guard let hint = NearestName.hint(name, among: CopyOptions.names) else {
                    throw ZLError.notYet("the option \(option.name.text) of COPY", range: option.name.range)
                }
                throw ZLError(
                    .binding, "unknown_option", "COPY has no option \(option.name.text)", hint: hint, range: option.name.range)
            }
        }
    }

    private static func text(_ option: CopyOption, _ session: Session) throws(ZLError) -> String {
        guard case .expression(let expression) = option.value else { throw wrong(option, "one value") }
        if case .column(let parts) = expression.kind, parts.count == 1 { return parts[0].text }
        let constant = try session.constant(expression)
        return TextFormat.text(of: constant.value, type: constant.type)
    }

    private static func flag(_ option: CopyOption, _ session: Session) throws(ZLError) -> Bool {
        if case .none = option.value { return true }
        guard let flag = SettingValue(text: try text(option, session).lowercasedASCII).boolean else {
            throw wrong(option, "true or false")
        }
        return flag
    }

    private static func byte(_ option: CopyOption, _ session: Session) throws(ZLError) -> UInt8 {
        let text = try text(option, session)
        if text == "\\t" { return 9 }
        guard text.utf8.count == 1, let byte = text.utf8.first else { throw wrong(option, "one ASCII character") }
        return byte
    }

    private static func wrong(_ option: CopyOption, _ expected: String) -> ZLError {
        ZLError(
            .binding, "invalid_option", "the option \(option.name.text) of COPY takes \(expected)", range: option.name.range)
    }
}
