import CKernels
import ZLColumnar

/// A fixed-size value with the order of SQL.
protocol ChoiceKey: BitwiseCopyable, Comparable {
    static func isBefore(_ a: Self, _ b: Self) -> Bool
    /// No value is before, or after, these.
    static var least: Self { get }
    static var greatest: Self { get }
    /// Whether `<` alone is the order of these values.
    static func areOrderedByLess(_ values: UnsafePointer<Self>, _ count: Int) -> Bool
    /// So many values at least `extreme` takes.
    static var extremeCount: Int { get }
    /// The least or greatest of several values, where that can be told without a look at their order: nil otherwise.
    static func extreme(_ values: UnsafePointer<Self>, _ count: Int, wantsLess: Bool) -> Self?
    /// Writes the extreme of each step, where there is a kernel for it that can tell: false otherwise, and what is written means nothing.
    static func extremes(_ values: UnsafePointer<Self>, _ steps: GroupSteps, wantsLess: Bool, _ target: UnsafeMutablePointer<Self>) -> Bool
}

extension ChoiceKey {
    @inline(__always)
    static func extreme(_ values: UnsafePointer<Self>, _ count: Int, wantsLess: Bool) -> Self? { nil }
    static var extremeCount: Int { .max }
    @inline(__always)
    static func extremes(_ values: UnsafePointer<Self>, _ steps: GroupSteps, wantsLess: Bool, _ target: UnsafeMutablePointer<Self>) -> Bool { false }
}

extension ChoiceKey where Self: FixedWidthInteger {
    @inline(__always)
    static func isBefore(_ a: Self, _ b: Self) -> Bool { a < b }
    @inline(__always)
    static func areOrderedByLess(_ values: UnsafePointer<Self>, _ count: Int) -> Bool { true }
    static var least: Self { .min }
    static var greatest: Self { .max }
}

extension ChoiceKey where Self: BinaryFloatingPoint {
    @inline(__always)
    static func isBefore(_ a: Self, _ b: Self) -> Bool { a < b || (b != b && a == a) }
    @inline(__always)
    static func areOrderedByLess(_ values: UnsafePointer<Self>, _ count: Int) -> Bool { !(0..<count).contains { values[$0].isNaN } }
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

extension Double: ChoiceKey {
    @inline(__always)
    static func areOrderedByLess(_ values: UnsafePointer<Double>, _ count: Int) -> Bool { zl_has_nan(values, count) == 0 }

    static var extremeCount: Int { Int(ZL_EXTREME_COUNT) }

    @inline(__always)
    static func extreme(_ values: UnsafePointer<Double>, _ count: Int, wantsLess: Bool) -> Double? {
        var extreme = 0.0
        return zl_extreme(values, count, wantsLess ? 1 : 0, &extreme) == 1 ? extreme : nil
    }

    @inline(__always)
    static func extremes(_ values: UnsafePointer<Double>, _ steps: GroupSteps, wantsLess: Bool, _ target: UnsafeMutablePointer<Double>) -> Bool {
        zl_run_extremes(values, steps.starts, steps.count, wantsLess ? 1 : 0, target) == 1
    }
}
