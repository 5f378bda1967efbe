/** I9b's planted bug: fairness that ends at a /64. */
export {
  createNetworks,
  networkOf,
  readAddress,
} from '../../../packages/server/src/config/network-address.ts';

export const widerNetworksOf = () => [];
