import ZLColumnar

/// min and max of fixed-size values, one value a group.
///
/// NaN is greater than every number; of equal values (0 and -0) the first stays.
///
/// - Complexity: O(1) a row, no memory but the groups'.
final class ExtremeState: BatchAggregateState {
    private let type: DataType
    private let wantsLess: Bool
    private let kernel: ChoiceKernel
    private var values: RawGroupArray
    private var present = GroupArray<UInt8>(0)

    init(type: DataType, wantsLess: Bool, kernel: ChoiceKernel) {
        self.type = type
        self.wantsLess = wantsLess
        self.kernel = kernel
        values = RawGroupArray(wantsLess ? kernel.greatest : kernel.least)
    }

    /// Numbers that are equal are the same, but for 0 and -0.
    var isOrderFree: Bool { type.physical != .float32 && type.physical != .float64 }

    func grow(to groupCount: Int) {
        values.grow(to: groupCount)
        present.grow(to: groupCount)
    }

    func update(_ arguments: [ColumnVector], _ rows: AggregateRows) throws(ZLError) {
        let vector = arguments[0].flattened()
        kernel.scan(vector.values(UInt8.self), NullMask(vector), rows, values.address, present.values, wantsLess)
        withExtendedLifetime(vector) {}
    }

    func makePartial() -> (any AggregateState)? { ExtremeState(type: type, wantsLess: wantsLess, kernel: kernel) }

    func merge(_ partial: any AggregateState, groups: UnsafePointer<UInt32>) throws(ZLError) {
        guard let partial = partial as? ExtremeState else { return }
        let count = partial.present.count
        let validity = partial.present.nonzero()
        let rows = AggregateRows(count: count, block: 0, border: count, groups: groups)
        kernel.scan(partial.values.address, NullMask(validity), rows, values.address, present.values, wantsLess)
        withExtendedLifetime(validity) {}
    }

    func finish() throws(ZLError) -> ColumnVector {
        values.column(type: type, present, present: 1)
    }
}
