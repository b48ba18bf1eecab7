import ZLColumnar

/// One value a group, grown with the groups.
struct GroupArray<Element: BitwiseCopyable> {
    private(set) var buffer: Buffer
    private(set) var count = 0
    private let initial: Element

    init(_ initial: Element) {
        self.initial = initial
        buffer = Buffer(byteCount: 16 * MemoryLayout<Element>.stride)
    }

    @inline(__always)
    var values: UnsafeMutablePointer<Element> { buffer.values(Element.self) }

    mutating func grow(to groups: Int) {
        guard groups > count else { return }
        let stride = MemoryLayout<Element>.stride
        if groups * stride > buffer.byteCount {
            let larger = Buffer(byteCount: max(groups, 2 * count) * stride)
            larger.address.copyMemory(from: buffer.address, byteCount: count * stride)
            buffer = larger
        }
        (values + count).update(repeating: initial, count: groups - count)
        count = groups
    }
}

extension ColumnVector {
    /// A vector of one value a group, NULL where the group has not seen one.
    static func groups<T: BitwiseCopyable>(
        _ array: GroupArray<T>, type: DataType, isPresent: (Int) -> Bool, heaps: [StringHeap] = []
    ) -> ColumnVector {
        var validity: ValidityBitmap?
        for group in 0..<array.count where !isPresent(group) {
            let bitmap = validity ?? ValidityBitmap(count: array.count, allValid: true)
            bitmap.setNull(group)
            validity = bitmap
        }
        let buffer = Buffer(byteCount: max(16, array.count * MemoryLayout<T>.stride))
        buffer.address.copyMemory(from: array.buffer.address, byteCount: array.count * MemoryLayout<T>.stride)
        return ColumnVector(type: type, count: array.count, buffer: buffer, validity: validity, heaps: heaps)
    }
}
