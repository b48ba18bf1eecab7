import ZLColumnar

/// What the texts of a column have been so far. Joins with each text; the result does not depend on the order.
struct CSVColumnClass: Hashable, Sendable {
    enum Kind: UInt8, Hashable, Sendable { case empty, boolean, bigint, hugeint, double, time, date, timestamp, text }

    var kind = Kind.empty
    /// A fraction of a second with more than six digits.
    var hasNanoseconds = false
    /// `Z`, UTC or an offset behind a timestamp.
    var hasZone = false

    /// The narrowest class of one text, in the order of DuckDB's candidates. Numbers that begin with `+` or a spare zero stay
    /// text, because they would not print the same.
    init(of bytes: UnsafeRawBufferPointer) {
        kind = CSVColumnClass.kind(of: bytes)
        guard kind == .timestamp, let shape = TextParser.timestampShape(bytes) else { return }
        hasNanoseconds = shape.fractionDigits > 6
        hasZone = shape.hasZone
    }

    init(kind: Kind = .empty) { self.kind = kind }

    private static func kind(of bytes: UnsafeRawBufferPointer) -> Kind {
        var index = 0
        while index < bytes.count, bytes[index] == 32 { index += 1 }
        guard index < bytes.count else { return .text }
        let first = bytes[index]
        if first | 32 >= UInt8(ascii: "a"), first | 32 <= UInt8(ascii: "z") {
            if TextParser.boolean(bytes) != nil { return .boolean }
            return TextParser.double(bytes) != nil ? .double : .text
        }
        let isSigned = first == UInt8(ascii: "-")
        if isSigned { index += 1 }
        guard isSigned || first == UInt8(ascii: ".") || first &- 48 <= 9, !bytes.contains(UInt8(ascii: "_")) else { return .text }
        if let number = TextParser.integer(bytes, strict: true) {
            let hasSpareZero = index + 1 < bytes.count && bytes[index] == 48 && bytes[index + 1] &- 48 <= 9
            if hasSpareZero { return .text }
            return Int64(exactly: number) != nil ? .bigint : .hugeint
        }
        if TextParser.double(bytes) != nil { return .double }
        if TextParser.plainTime(bytes) != nil { return .time }
        if TextParser.plainDate(bytes) != nil { return .date }
        return TextParser.timestampShape(bytes) != nil && TextParser.timestamp(bytes) != nil ? .timestamp : .text
    }

    /// The class that holds both.
    func joined(_ other: CSVColumnClass) -> CSVColumnClass {
        var result = self
        result.hasNanoseconds = hasNanoseconds || other.hasNanoseconds
        result.hasZone = hasZone || other.hasZone
        result.kind = CSVColumnClass.join(kind, other.kind)
        return result
    }

    private static func join(_ left: Kind, _ right: Kind) -> Kind {
        if left == right || right == .empty { return left }
        if left == .empty { return right }
        let low = min(left.rawValue, right.rawValue)
        let high = max(left.rawValue, right.rawValue)
        if low >= Kind.bigint.rawValue, high <= Kind.double.rawValue { return Kind(rawValue: high) ?? .text }
        if low == Kind.date.rawValue, high == Kind.timestamp.rawValue { return .timestamp }
        return .text
    }

    var type: DataType {
        switch kind {
        case .empty, .text: .varchar
        case .boolean: .boolean
        case .bigint: .bigint
        case .hugeint: .hugeint
        case .double: .double
        case .time: .time
        case .date: .date
        case .timestamp: hasNanoseconds ? .timestampNS : hasZone ? .timestampTZ : .timestamp
        }
    }

    /// Whether a text surely joins without a change. Cheap, and may say no for texts that do.
    @inline(__always)
    func surelyHolds(_ bytes: UnsafeRawBufferPointer) -> Bool {
        switch kind {
        case .text: return true
        case .bigint: return CSVColumnClass.isPlainNumber(bytes, allowsPoint: false)
        case .double: return CSVColumnClass.isPlainNumber(bytes, allowsPoint: true)
        case .timestamp:
            guard let shape = TextParser.timestampShape(bytes), shape.hasZone == hasZone else { return false }
            return shape.fractionDigits <= 6 || hasNanoseconds
        default: return false
        }
    }

    private static let longestPlainNumber = 18

    @inline(__always)
    private static func isPlainNumber(_ bytes: UnsafeRawBufferPointer, allowsPoint: Bool) -> Bool {
        guard bytes.count > 0, bytes.count <= longestPlainNumber else { return false }
        var index = bytes[0] == UInt8(ascii: "-") ? 1 : 0
        guard index < bytes.count, bytes[index] &- 48 <= 9 else { return false }
        if bytes[index] == 48, index + 1 < bytes.count, bytes[index + 1] != UInt8(ascii: ".") { return false }
        var points = allowsPoint ? 0 : 1
        while index < bytes.count {
            if bytes[index] &- 48 > 9 {
                guard bytes[index] == UInt8(ascii: "."), points == 0 else { return false }
                points = 1
            }
            index &+= 1
        }
        return true
    }
}

/// The class of a column over some rows, with the places where it changed.
struct CSVColumnHistory: Sendable {
    struct Change: Sendable {
        var kind: CSVColumnClass
        /// Where the row's field stands in the file.
        var offset: Int
        var text: String
    }

    private(set) var current = CSVColumnClass()
    private(set) var changes: [Change] = []

    mutating func note(_ bytes: UnsafeRawBufferPointer, offset: Int) {
        let found = CSVColumnClass(of: bytes)
        let joined = current.joined(found)
        guard joined != current else { return }
        current = joined
        changes.append(Change(kind: found, offset: offset, text: TextParser.quoted(bytes)))
    }
}
