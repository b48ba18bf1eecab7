import ZLColumnar

/// A fixed-size value with the order of SQL.
protocol ChoiceKey: BitwiseCopyable {
    static func isBefore(_ a: Self, _ b: Self) -> Bool
    /// No value is before, or after, these.
    static var least: Self { get }
    static var greatest: Self { get }
}

extension ChoiceKey where Self: FixedWidthInteger {
    @inline(__always)
    static func isBefore(_ a: Self, _ b: Self) -> Bool { a < b }
    static var least: Self { .min }
    static var greatest: Self { .max }
}

extension ChoiceKey where Self: BinaryFloatingPoint {
    @inline(__always)
    static func isBefore(_ a: Self, _ b: Self) -> Bool { a < b || (b != b && a == a) }
    static var least: Self { -.infinity }
    static var greatest: Self { .nan }
}

extension UInt8: ChoiceKey {}
extension Int8: ChoiceKey {}
extension Int16: ChoiceKey {}
extension Int32: ChoiceKey {}
extension Int64: ChoiceKey {}
extension Int128: ChoiceKey {}
extension UInt16: ChoiceKey {}
extension UInt32: ChoiceKey {}
extension UInt64: ChoiceKey {}
extension Float: ChoiceKey {}
extension Double: ChoiceKey {}
