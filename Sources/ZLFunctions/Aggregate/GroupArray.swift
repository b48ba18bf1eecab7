import Glibc
import ZLColumnar

/// One value a group, grown with the groups.
struct GroupArray<Element: BitwiseCopyable> {
    private(set) var buffer: Buffer
    private(set) var count = 0
    private let initial: Element
    private let isZero: Bool

    init(_ initial: Element) {
        self.initial = initial
        isZero = withUnsafeBytes(of: initial) { bytes in bytes.allSatisfy { $0 == 0 } }
        buffer = Buffer(byteCount: 16 * MemoryLayout<Element>.stride)
    }

    @inline(__always)
    var values: UnsafeMutablePointer<Element> { buffer.values(Element.self) }

    mutating func grow(to groups: Int) {
        guard groups > count else { return }
        let stride = MemoryLayout<Element>.stride
        if groups * stride > buffer.byteCount {
            let larger = Buffer(byteCount: (count == 0 ? firstCount(groups) : max(groups, grownCount(count))) * stride)
            larger.address.copyMemory(from: buffer.address, byteCount: count * stride)
            buffer = larger
        }
        if isZero {
            memset(values + count, 0, (groups - count) * stride)
        } else {
            (values + count).update(repeating: initial, count: groups - count)
        }
        count = groups
    }
}

/// The room to make where `count` values have no more: small arrays grow faster, for each growth copies them.
private func grownCount(_ count: Int) -> Int { count < 1 << 14 ? 4 * count : 2 * count }

/// The room to make for the first groups of an array.
private func firstCount(_ groups: Int) -> Int { groups < 1 << 11 ? 4 * groups : groups }

extension GroupArray where Element == UInt8 {
    /// A valid bit for each group whose value is `mark`; nil where all are.
    func validity(whereEqual mark: UInt8) -> ValidityBitmap? {
        let values = UnsafeRawPointer(values)
        // why: eight at a time; nearly always all are
        let pattern = UInt64(mark) &* 0x0101_0101_0101_0101
        var differences: UInt64 = 0
        var group = 0
        while group + 8 <= count {
            differences |= values.loadUnaligned(fromByteOffset: group, as: UInt64.self) ^ pattern
            group += 8
        }
        while group < count {
            differences |= UInt64(self.values[group] ^ mark)
            group += 1
        }
        if differences == 0 { return nil }
        let bitmap = ValidityBitmap(count: count, allValid: true)
        for group in 0..<count where self.values[group] != mark { bitmap.setNull(group) }
        return bitmap
    }

    /// A valid bit for each group whose value is not 0.
    func nonzero() -> ValidityBitmap {
        let bitmap = ValidityBitmap(count: count, allValid: true)
        let values = values
        for group in 0..<count where values[group] == 0 { bitmap.setNull(group) }
        return bitmap
    }
}

/// One value a group, of a layout known when the query runs.
struct RawGroupArray {
    private var buffer: Buffer
    private var count = 0
    private let initial: [UInt8]

    /// - Parameter initial: the bytes of a new group's value.
    init(_ initial: [UInt8]) {
        self.initial = initial
        buffer = Buffer(byteCount: 16 * initial.count)
    }

    var address: UnsafeMutableRawPointer { buffer.address }

    mutating func grow(to groups: Int) {
        guard groups > count else { return }
        let stride = initial.count
        if groups * stride > buffer.byteCount {
            let larger = Buffer(byteCount: (count == 0 ? firstCount(groups) : max(groups, grownCount(count))) * stride)
            larger.address.copyMemory(from: buffer.address, byteCount: count * stride)
            buffer = larger
        }
        initial.withUnsafeBytes { bytes in
            guard let pattern = bytes.baseAddress else { return }
            let first = buffer.address + count * stride
            let end = groups * stride
            first.copyMemory(from: pattern, byteCount: stride)
            // why: twice as many each time, for a call a value costs more than the values
            var filled = count * stride + stride
            while filled < end {
                let length = min(filled - count * stride, end - filled)
                (buffer.address + filled).copyMemory(from: first, byteCount: length)
                filled += length
            }
        }
        count = groups
    }

    /// The values of groups whose mark is `present`, and NULL.
    func column(type: DataType, _ marks: GroupArray<UInt8>, present: UInt8) -> ColumnVector {
        let copy = Buffer(byteCount: max(16, count * initial.count))
        copy.address.copyMemory(from: buffer.address, byteCount: count * initial.count)
        return ColumnVector(type: type, count: count, buffer: copy, validity: marks.validity(whereEqual: present))
    }
}

extension ValidityBitmap {
    /// nil where all groups are present.
    @inline(__always)
    fileprivate static func groups(_ count: Int, _ isPresent: (Int) -> Bool) -> ValidityBitmap? {
        var bitmap: ValidityBitmap?
        for group in 0..<count where !isPresent(group) {
            let known = bitmap ?? ValidityBitmap(count: count, allValid: true)
            known.setNull(group)
            bitmap = known
        }
        return bitmap
    }
}

extension ColumnVector {
    /// A vector of one value a group, NULL where the group has not seen one.
    @inline(__always)
    static func groups<T: BitwiseCopyable>(
        count: Int, type: DataType, isPresent: (Int) -> Bool, heaps: [StringHeap] = [], value: (Int) -> T
    ) -> ColumnVector {
        let buffer = Buffer(byteCount: max(16, count * MemoryLayout<T>.stride))
        let target = buffer.values(T.self)
        for group in 0..<count { target[group] = value(group) }
        return ColumnVector(type: type, count: count, buffer: buffer, validity: .groups(count, isPresent), heaps: heaps)
    }

    @inline(__always)
    static func groups<T: BitwiseCopyable>(_ array: GroupArray<T>, type: DataType, isPresent: (Int) -> Bool) -> ColumnVector {
        let values = array.values
        return groups(count: array.count, type: type, isPresent: isPresent) { values[$0] }
    }
}
