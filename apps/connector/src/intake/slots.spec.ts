import { describe, expect, it } from '@jest/globals';
import { Slots } from './slots';

function setUp(isQuiet: boolean) {
  const load = { isQuiet };
  const sut = new Slots(2, () => load.isQuiet);
  const gone: number[] = [];
  const go = async (number: number) => {
    await sut.take();
    gone.push(number);
  };
  const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
  return { sut, load, gone, go, turn };
}

describe('slots', () => {
  it('hold nobody up while hardly anything is to be gathered, and whoever comes later waits until so many are free again', async () => {
    const { sut, load, gone, go, turn } = setUp(true);
    for (const number of [1, 2, 3, 4]) void go(number);
    await turn();
    expect(gone).toEqual([1, 2, 3, 4]);
    load.isQuiet = false;
    void go(5);
    sut.release();
    sut.release();
    await turn();
    expect(gone).toEqual([1, 2, 3, 4]);
    sut.release();
    await turn();
    expect(gone).toEqual([1, 2, 3, 4, 5]);
  });

  it('let all who wait go, in their order, once there is little left to gather', async () => {
    const { sut, load, gone, go, turn } = setUp(false);
    for (const number of [1, 2, 3, 4, 5]) void go(number);
    await turn();
    expect(gone).toEqual([1, 2]);
    load.isQuiet = true;
    sut.release();
    await turn();
    expect(gone).toEqual([1, 2, 3, 4, 5]);
  });

  it('let nobody go while they are shut, however little there is to gather', async () => {
    const { sut, gone, go, turn } = setUp(true);
    sut.shut();
    for (const number of [1, 2, 3]) void go(number);
    await turn();
    expect(gone).toEqual([]);
    sut.open();
    await turn();
    expect(gone).toEqual([1, 2, 3]);
  });
});
