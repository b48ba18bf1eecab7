/// A piece of the text that the grammar sees as one; blanks and comments make none.
struct Token: Sendable {
    var kind: TokenKind
    var range: Range<Int>
}

enum TokenKind: Hashable, Sendable {
    /// `close`, `SELECT`
    case word(Keyword?)
    /// `"close"`
    case quotedName
    case string(StringForm)
    case number(NumberForm)
    /// `?`, `?1`, `$1`, `$name`
    case parameter
    case symbol(Symbol)
    case end
}

enum StringForm: Hashable, Sendable {
    /// `'it''s'`
    case plain
    /// `E'line\n'`
    case escaped
    /// `$$text$$`, `$tag$text$tag$`
    case dollar
    /// `x'00FF'`
    case blob
}

enum NumberForm: Hashable, Sendable {
    case integer
    case decimal
    case double
    case hexadecimal
    case binary
}

/// Punctuation and operators. The lexer takes the longest that fits.
enum Symbol: String, CaseIterable, Hashable, Sendable {
    case leftParenthesis = "("
    case rightParenthesis = ")"
    case leftBracket = "["
    case rightBracket = "]"
    case leftBrace = "{"
    case rightBrace = "}"
    case comma = ","
    case semicolon = ";"
    case dot = "."
    case colon = ":"
    case doubleColon = "::"
    case assign = ":="
    case namedArgument = "=>"
    case arrow = "->"
    case doubleArrow = "->>"
    case plus = "+"
    case minus = "-"
    case star = "*"
    case slash = "/"
    case doubleSlash = "//"
    case percentSign = "%"
    case caret = "^"
    case doubleStar = "**"
    case equal = "="
    case doubleEqual = "=="
    case notEqual = "!="
    case notEqualAngle = "<>"
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    case concatenate = "||"
    case ampersand = "&"
    case doubleAmpersand = "&&"
    case pipe = "|"
    case shiftLeft = "<<"
    case shiftRight = ">>"
    case tilde = "~"
    case notTilde = "!~"
    case tildeStar = "~*"
    case notTildeStar = "!~*"
    case doubleTilde = "~~"
    case notDoubleTilde = "!~~"
    case doubleTildeStar = "~~*"
    case notDoubleTildeStar = "!~~*"
    case tripleTilde = "~~~"
    case atSign = "@"
    case contains = "@>"
    case containedIn = "<@"
    case startsWith = "^@"
    case exclamation = "!"

    /// The symbols by their first byte, longest first.
    static let byFirstByte: [[Symbol]] = {
        var table: [[Symbol]] = Array(repeating: [], count: 128)
        for symbol in Symbol.allCases {
            guard let first = symbol.rawValue.utf8.first else { continue }
            table[Int(first)].append(symbol)
        }
        return table.map { symbols in symbols.sorted { $0.rawValue.utf8.count > $1.rawValue.utf8.count } }
    }()
}
